"""Who is compared with whom, by loops over rows and sets of ids, in float64: what the references are made of."""

import torch

from tests.objectives.reference import Rows

# rows 0 and 3 share a passage, rows 1 and 4 a question; a negative is row 2's own positive, another row 4's
DISTINCT = Rows([1, 2, 3, 4, 5], [11, 12, 13, 14, 15])
HARD = Rows([1, 2, 3, 4, 2], [11, 12, 13, 11, 15], [21, 22, 13, 24, 25, 26, 15, 27, 11, 28], seed=2)
ALONE = Rows([1, 1], [11, 11])  # nobody has a negative
CASES = [
    (rows, denominator, symmetric)
    for rows, denominators in ((DISTINCT, ("both",)), (HARD, ("both", "in_batch", "explicit")))
    for denominator in denominators
    for symmetric in (False, True)
]


def query_cosines(rows, denominator="both"):
    """For each query: the cosine with its own positive, and a list of those with its negatives."""
    queries, passages, negatives = (each.double() for each in rows.embeddings)
    for i, question in enumerate(rows.question_ids):
        known = rows.answers(question)
        others = []
        if denominator in ("both", "in_batch"):
            others += [queries[i] @ passages[j] for j, id in enumerate(rows.passage_ids) if j != i and id not in known]
        if denominator in ("both", "explicit"):
            others += [queries[i] @ negatives[j] for j, id in enumerate(rows.negative_ids) if id not in known]
        yield queries[i] @ passages[i], others


def passage_cosines(rows):
    """For each passage: the cosine with its own query, and a list of those with queries it is not known to answer."""
    queries, passages, _ = (each.double() for each in rows.embeddings)
    for i, passage in enumerate(rows.passage_ids):
        unanswered = [j for j, id in enumerate(rows.question_ids) if j != i and passage not in rows.answers(id)]
        yield passages[i] @ queries[i], [passages[i] @ queries[j] for j in unanswered]


def reference(rows, row_loss, denominator="both", symmetric=False, direction_weight=0.5):
    """Mean of `row_loss(own cosine, negative cosines)` over queries, and over passages where symmetric."""
    means = [mean([row_loss(*each) for each in query_cosines(rows, denominator)])]
    if not symmetric:
        return means[0]
    means.append(mean([row_loss(*each) for each in passage_cosines(rows)]))
    return direction_weight * sum(means)


def mean(values):
    return sum(values) / len(values)


def check_value_and_gradient(loss, expected, rows, *parameters):
    """Ours (float32) against the reference's (float64); each parameter is a pair (ours, its leaf in the reference)."""
    torch.testing.assert_close(loss.double(), expected, rtol=1e-5, atol=1e-6)
    ours, theirs = ([*rows.embeddings, *(pair[side] for pair in parameters)] for side in (0, 1))
    found, wanted = (
        torch.autograd.grad(each, leaves, materialize_grads=True) for each, leaves in ((loss, ours), (expected, theirs))
    )
    for mine, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(mine.double().squeeze(), other.double().squeeze(), rtol=1e-4, atol=1e-5)
