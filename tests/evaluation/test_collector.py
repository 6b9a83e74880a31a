import numpy as np
import torch

from src.evaluation.collector import RetrievalMetric, collect
from src.retrieval.ranks import Ranks


def ranks_of(queries: list[int]) -> Ranks:
    """Two judged pairs a query."""
    query = np.array(queries, dtype=np.int64)
    pair = (query[:, None] * 2 + [0, 1]).ravel()
    return Ranks(
        pair, (pair + 1).astype(np.int32), (pair * 10).astype(np.int32), query, query[:, None].astype(np.int32)
    )


def test_updates_are_joined_and_sorted_by_query():
    metric = RetrievalMetric()
    for queries in ([5], [], [1, 0]):
        metric.update(ranks_of(queries))
    found = metric.compute()
    assert {name: values.tolist() for name, values in found.items()} == {
        "pair": [0, 1, 2, 3, 10, 11],
        "own": [1, 2, 3, 4, 11, 12],
        "pooled": [0, 10, 20, 30, 100, 110],
        "query": [0, 1, 5],
        "top": [[0], [1], [5]],
    }


def test_alone_nothing_changes():
    ranks = ranks_of([3])
    for name, column in vars(collect(ranks, torch.device("cpu"))).items():
        np.testing.assert_array_equal(column, getattr(ranks, name))


def test_reset_forgets():
    metric = RetrievalMetric()
    metric.update(ranks_of([5, 6]))
    metric.reset()
    metric.update(ranks_of([1]))
    assert metric.compute()["query"].tolist() == [1]
