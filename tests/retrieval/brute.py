"""Searches with a known answer."""

import numpy as np

from src.retrieval.embeddings import Embeddings


def coarse(seed: int, levels: int, queries: int = 9, candidates: int = 40, dimension: int = 6):
    """Queries, candidates and ids; whole numbers, so that scores are exact and, with few levels, often tied."""
    rng = np.random.default_rng(seed)
    vectors = [rng.integers(-levels, levels + 1, (n, dimension)).astype(np.float32) for n in (queries, candidates)]
    return *vectors, [f"{'ä' if i % 3 else 'z'}{i}" for i in rng.permutation(candidates)]


def names(ids):
    """Ids by row, as searches ask for them."""
    return lambda rows: [ids[row] for row in rows]


def sorted_as_trec_eval(queries, candidates, ids, k):
    """Rows of each query's best k."""
    scores = queries @ candidates.T
    return [sorted(range(len(ids)), key=lambda c: (row[c], ids[c]), reverse=True)[:k] for row in scores]


def in_parts(matrix, sizes, dtype=np.float32) -> Embeddings:
    """The matrix cut in parts of these sizes."""
    return Embeddings([part.astype(dtype) for part in np.split(matrix, np.cumsum(sizes)[:-1])])
