"""A running top-k over blocks of a corpus: FAISS compares them in place on a CPU, torch on a GPU."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from src.retrieval.embeddings import Embeddings

GPU_ROWS = 131_072  # of the corpus on the device at once
GPU_SCORES = 2**28  # computed there at once

Found = tuple[NDArray[np.float32], NDArray[np.int64]]  # scores and rows [queries, k], greatest score first


def nearest(queries: NDArray[np.float32], corpus: Embeddings, k: int, device: str = "cpu") -> Found:
    """The k candidates with the greatest inner products, as computed in float32; equal ones in any order."""
    compare = in_place if device == "cpu" else partial(on_device, device=device)
    score, row = np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64)
    for start, block in corpus.blocks(None if device == "cpu" else GPU_ROWS):
        new_score, new_row = compare(queries, block, min(k, len(block)))
        score, row = _keep(np.hstack([score, new_score]), np.hstack([row, new_row + start]), k)
    return score, row


def in_place(queries: NDArray[np.float32], block: NDArray[np.float32], k: int) -> Found:
    """FAISS's exhaustive search, which needs no copy of the block and holds no scores but the best."""
    import faiss

    score, row = faiss.knn(queries, block, k, metric=faiss.METRIC_INNER_PRODUCT)
    return score, row


def on_device(queries: NDArray[np.float32], block: NDArray[np.float32], k: int, device: str) -> Found:
    """Matrix product and top-k on a device, in full float32."""
    import torch

    candidates = torch.tensor(block, device=device)
    most = max(1, GPU_SCORES // len(block))
    tf32, torch.backends.cuda.matmul.allow_tf32 = torch.backends.cuda.matmul.allow_tf32, False
    try:
        parts = [
            torch.topk(torch.tensor(queries[start : start + most], device=device) @ candidates.T, k)
            for start in range(0, len(queries), most)
        ]
    finally:
        torch.backends.cuda.matmul.allow_tf32 = tf32
    score, row = (torch.cat(columns).cpu().numpy() for columns in zip(*parts, strict=True))
    return score, row


def _keep(score: NDArray[np.float32], row: NDArray[np.int64], k: int) -> Found:
    if score.shape[1] > k:
        kept = np.argpartition(-score, k - 1, axis=1)[:, :k]
        score, row = np.take_along_axis(score, kept, axis=1), np.take_along_axis(row, kept, axis=1)
    order = np.argsort(-score, axis=1, kind="stable")
    return np.take_along_axis(score, order, axis=1), np.take_along_axis(row, order, axis=1)
