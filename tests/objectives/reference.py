"""InfoNCE written as its formula reads: loops over rows, sets of ids, no masks and no matrices."""

import torch

from src.objectives.contrast import build_contrast


class Rows:
    """Random unit embeddings of m rows and k explicit negatives, with ids, as one process would see them."""

    def __init__(self, question_ids, passage_ids, negative_ids=(), dimension=8, seed=0):
        generator = torch.Generator().manual_seed(seed)
        self.question_ids, self.passage_ids, self.negative_ids = (
            list(question_ids),
            list(passage_ids),
            list(negative_ids),
        )
        self.queries, self.passages, self.negatives = (
            torch.nn.functional.normalize(torch.randn(count, dimension, generator=generator), dim=1).requires_grad_()
            for count in (len(self.question_ids), len(self.passage_ids), len(self.negative_ids))
        )

    @property
    def embeddings(self):
        return [self.queries, self.passages, self.negatives]

    def contrast(self, start=0, stop=None):
        own = slice(start, stop)
        return build_contrast(
            queries=self.queries[own],
            passages=self.passages[own],
            all_queries=self.queries,
            all_passages=self.passages,
            all_negatives=self.negatives,
            question_ids=torch.tensor(self.question_ids),
            passage_ids=torch.tensor(self.passage_ids),
            negative_ids=torch.tensor(self.negative_ids, dtype=torch.long),
            offset=start,
        )

    def answers(self, question):
        """Passages known to answer a question."""
        return {p for q, p in zip(self.question_ids, self.passage_ids, strict=True) if q == question}


def reference_loss(rows, temperature, denominator, symmetric=False):
    forward = [_query_loss(rows, i, temperature, denominator) for i in range(len(rows.queries))]
    loss = sum(forward) / len(forward)
    if not symmetric:
        return loss
    backward = [_passage_loss(rows, i, temperature) for i in range(len(rows.passages))]
    return (loss + sum(backward) / len(backward)) / 2


def _query_loss(rows, i, temperature, denominator):
    known = rows.answers(rows.question_ids[i])
    positive = torch.exp(rows.queries[i] @ rows.passages[i] / temperature)
    total = positive
    if denominator in ("both", "in_batch"):
        for j, passage in enumerate(rows.passage_ids):
            if j != i and passage not in known:
                total = total + torch.exp(rows.queries[i] @ rows.passages[j] / temperature)
    if denominator in ("both", "explicit"):
        for j, passage in enumerate(rows.negative_ids):
            if passage not in known:
                total = total + torch.exp(rows.queries[i] @ rows.negatives[j] / temperature)
    return -torch.log(positive / total)


def _passage_loss(rows, i, temperature):
    positive = torch.exp(rows.passages[i] @ rows.queries[i] / temperature)
    total = positive
    for j, question in enumerate(rows.question_ids):
        if j != i and rows.passage_ids[i] not in rows.answers(question):
            total = total + torch.exp(rows.passages[i] @ rows.queries[j] / temperature)
    return -torch.log(positive / total)
