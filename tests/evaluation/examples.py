"""Small benchmarks with chosen scores."""

import numpy as np

from src.evaluation.benchmark import Benchmark, Judgements, TextSet


def benchmark(
    languages, queries, candidates, judged, *, concept=None, metrics=("mAP", "R@1"), name="example"
) -> Benchmark:
    """`queries` and `candidates` map id -> language; `judged` lists (query id, candidate id[, grade])."""
    sets = [
        TextSet(
            list(ids), [f"text of {i}" for i in ids], np.array([languages.index(c) for c in ids.values()], np.int16)
        )
        for ids in (queries, candidates)
    ]
    rows = sorted((sets[0].ids.index(q), sets[1].ids.index(c), *(grade or [1])) for q, c, *grade in judged)
    columns = np.array(rows).T
    return Benchmark(
        name=name,
        languages=tuple(languages),
        queries=sets[0],
        candidates=sets[1],
        judgements=Judgements(columns[0].astype(np.int32), columns[1].astype(np.int32), columns[2].astype(np.int16)),
        concept=np.arange(len(queries), dtype=np.int32) if concept is None else np.array(concept, np.int32),
        metrics=metrics,
        headline=metrics[0],
        template="{text}",
    )


def embeddings(scores) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings whose inner products are exactly these scores."""
    scores = np.asarray(scores, dtype=np.float32)
    return scores, np.eye(scores.shape[1], dtype=np.float32)


# Two languages; question 1 is asked in both, question 2 in x only and answered in x only.
#   qx   x0 x1 y1 y0 x2      answers x0 (rank 1) and y0 (rank 4)
#   qy   y0 x1 x2 x0 y1      answers x0 (rank 4) and y0 (rank 1, for its tie with x1 goes to the greater id)
#   qx2  x2 y0 y1 x1 x0      answer x1 (rank 4)
WORKED = benchmark(
    "xy",
    {"qx": "x", "qy": "y", "qx2": "x"},
    {"x0": "x", "x1": "x", "x2": "x", "y0": "y", "y1": "y"},
    [("qx", "x0"), ("qx", "y0"), ("qy", "x0"), ("qy", "y0"), ("qx2", "x1")],
    concept=[1, 1, 2],
)
WORKED_SCORES = [[0.9, 0.8, 0.1, 0.5, 0.7], [0.2, 0.6, 0.3, 0.6, 0.1], [0.1, 0.5, 0.9, 0.7, 0.6]]
