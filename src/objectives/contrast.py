"""What a contrastive loss compares, and who may be whose negative, decided by ids alone."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class Contrast:
    """What a contrastive loss sees on one rank: b own rows of the m rows of all ranks.

    Candidates are all ranks' positives first (column j belongs to row j), then all ranks' explicit negatives.
    """

    queries: Tensor  # [b, d]
    candidates: Tensor  # [n, d] n >= m, with gradient to every rank
    positive: Tensor  # [b] int64: column of the query's own positive
    same: Tensor  # [b, n] bool: also known to answer the query, so never its negative; False in the own column
    explicit: Tensor  # [n] bool: column is an explicit hard negative
    passages: Tensor  # [b, d] own positives, for the passage -> query direction
    all_queries: Tensor  # [m, d]
    own_query: Tensor  # [b] int64: column of the passage's own query
    same_query: Tensor  # [b, m] bool: query that the passage is known to answer; False in the own column
    question_ids: Tensor  # [m] int64: which texts of all ranks' rows are the same, in whatever language
    passage_ids: Tensor  # [m] int64


def build_contrast(
    *,
    queries: Tensor,
    passages: Tensor,
    all_queries: Tensor,
    all_passages: Tensor,
    all_negatives: Tensor,
    question_ids: Tensor,
    passage_ids: Tensor,
    negative_ids: Tensor,
    offset: int,
) -> Contrast:
    """Own queries and passages against the gathered ones, with masks made from ids.

    `queries` and `passages` are this rank's rows `offset : offset + b` of the m rows of all ranks; everything else
    is gathered: embeddings [m, d] and [k, d] of explicit negatives, `question_ids` and `passage_ids` [m],
    `negative_ids` [k] (passage ids). Translations of a text share its id. Give each rank's own tensors, offset 0,
    where there is one rank only; k may be 0.
    """
    own = torch.arange(offset, offset + len(queries), device=queries.device)
    candidate_ids = torch.cat([passage_ids, negative_ids])
    same = known_pairs(question_ids[own], candidate_ids, question_ids, passage_ids)
    same_query = known_pairs(question_ids, passage_ids[own], question_ids, passage_ids).T
    return Contrast(
        queries=queries,
        candidates=torch.cat([all_passages, all_negatives]),
        positive=own,
        same=same.scatter(1, own[:, None], False),
        explicit=torch.arange(len(candidate_ids), device=queries.device) >= len(passage_ids),
        passages=passages,
        all_queries=all_queries,
        own_query=own,
        same_query=same_query.scatter(1, own[:, None], False),
        question_ids=question_ids,
        passage_ids=passage_ids,
    )


def known_pairs(questions: Tensor, passages: Tensor, row_questions: Tensor, row_passages: Tensor) -> Tensor:
    """Whether some row of the batch pairs question i with passage j: bool [questions, passages]."""
    asks = questions[:, None] == row_questions
    answers = row_passages[:, None] == passages
    # a product of 0/1 matrices counts the rows that do both; a set of pairs would need the host
    return (asks.float() @ answers.float()) > 0
