"""Approximate search by a FAISS index, which is kept beside embeddings that are on disk."""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from src.data.fingerprint import digest
from src.errors import InputError
from src.retrieval.embeddings import Embeddings, check_same_dimension
from src.retrieval.search import NONE, Ids, Top, best_first, check_counts, nothing

logger = logging.getLogger(__name__)

NLIST = "{nlist}"  # in a factory string: inverted lists that fit the corpus
POINTS_A_LIST = 39  # the fewest that FAISS wants to train on; it uses at most 256


class FaissSearch:
    """An index of any FAISS factory string, compared by inner product."""

    approximate = True

    def __init__(
        self,
        factory: str,
        parameters: str | None = None,
        depth: int | None = None,
        train_rows: int = 500_000,
        recall_queries: int = 100,
        gpu: bool | None = None,
    ) -> None:
        """`factory`: as faiss.index_factory takes it, {nlist} being 4 sqrt(candidates), to a power of two.

        `parameters`: of the search, such as "nprobe=64" or "efSearch=128"; `train_rows`: at most so many vectors train
        an index that learns; `recall_queries`: searched exactly too, to measure the recall; `gpu`: None for one if this
        FAISS sees one. `depth`: see `evaluation.searched`.
        """
        check_counts(depth=depth, train_rows=train_rows, recall_queries=recall_queries)
        self.factory, self.parameters, self.depth = factory, parameters, depth
        self.train_rows, self.recall_queries, self.gpu = train_rows, recall_queries, gpu

    def top(self, queries: NDArray[np.float32], corpus: Embeddings, ids: Ids, k: int) -> Top:
        """Each query's best k of those that the index finds, its scores being the index's."""
        check_same_dimension(queries, corpus)
        best = nothing(len(queries), k)
        if len(corpus):
            index = self._with_parameters(self._on_gpu(self._index(corpus)))
            score, row = index.search(np.ascontiguousarray(queries, np.float32), min(k, len(corpus)))
            best.score[:, : row.shape[1]] = np.where(row == NONE, -np.inf, score)
            best.row[:, : row.shape[1]] = row
        return best_first(*best, ids, k)

    def check(self, dimension: int) -> None:
        """InputError where FAISS knows no such index for vectors of this dimension, or no such parameters of it."""
        self._with_parameters(self._new(dimension, 10_000))
        if self.gpu and not _gpus():
            raise InputError("this FAISS sees no GPU", where="search.gpu", fix="search.gpu=null, or install faiss-gpu")

    def describe(self) -> dict[str, Any]:
        """Plain values for the record."""
        return {"name": "faiss", "factory": self.factory, "parameters": self.parameters}

    def _index(self, corpus: Embeddings) -> Any:
        """The corpus's index: that kept from an earlier search, or a new one."""
        import faiss

        if corpus.folder is None:
            return self._build(corpus)
        key = digest(self.factory, self.train_rows, corpus.identity, len(corpus), faiss.__version__)
        path = corpus.folder / f"index-{key[:16]}.faiss"
        if not path.is_file():
            _write(self._build(corpus), path)
        try:
            return faiss.read_index(str(path))
        except RuntimeError as error:
            raise InputError(f"the index is damaged ({_reason(error)})", where=str(path), fix="delete it") from error

    def _build(self, corpus: Embeddings) -> Any:
        index = self._new(corpus.dimension, len(corpus))
        logger.info("building the index %s over %s candidates", self.factory, f"{len(corpus):,}")
        if not index.is_trained:
            self._train(index, self._sample(corpus))
        for _, block in corpus.blocks():
            index.add(block)
        return index

    def _train(self, index: Any, sample: NDArray[np.float32]) -> None:
        try:
            index.train(sample)
        except RuntimeError as error:
            what = f"the index {self.factory!r} cannot learn from {len(sample):,} vectors ({_reason(error)})"
            raise InputError(what, where="search.factory", fix="search=exact, or an index that needs fewer") from error

    def _sample(self, corpus: Embeddings) -> NDArray[np.float32]:
        count = min(len(corpus), self.train_rows)
        chosen = np.random.Generator(np.random.Philox(0)).choice(len(corpus), count, replace=False)
        return corpus.take(np.sort(chosen))

    def _new(self, dimension: int, candidates: int) -> Any:
        import faiss

        factory = self.factory.replace(NLIST, str(lists_for(min(candidates, self.train_rows), candidates)))
        try:
            return faiss.index_factory(dimension, factory, faiss.METRIC_INNER_PRODUCT)
        except RuntimeError as error:
            what = f"FAISS knows no index {factory!r} for {dimension} dimensions ({_reason(error)})"
            raise InputError(what, where="search.factory", fix="for example IVF{nlist},Flat or HNSW32") from error

    def _with_parameters(self, index: Any) -> Any:
        import faiss

        if self.parameters is not None:
            space: Any = faiss.GpuParameterSpace() if "Gpu" in type(index).__name__ else faiss.ParameterSpace()
            try:
                space.set_index_parameters(index, self.parameters)
            except RuntimeError as error:
                what = f"FAISS knows no parameters {self.parameters!r} of {self.factory!r} ({_reason(error)})"
                raise InputError(what, where="search.parameters", fix="for example nprobe=64") from error
        return index

    def _on_gpu(self, index: Any) -> Any:
        import faiss

        if self.gpu is False or not _gpus() or "HNSW" in self.factory:  # FAISS has no HNSW on a GPU
            return index
        return faiss.index_cpu_to_all_gpus(index)


def lists_for(training: int, candidates: int) -> int:
    """Inverted lists: 4 sqrt(candidates), to a power of two, and no more than can be trained."""
    most = max(1, training // POINTS_A_LIST)
    return 2 ** int(np.log2(max(1, min(4 * candidates**0.5, most))))


def _gpus() -> int:
    import faiss

    return faiss.get_num_gpus() if hasattr(faiss, "get_num_gpus") else 0


def _write(index: Any, path: Path) -> None:
    """Whole or not at all, whoever else writes the same."""
    import faiss

    temporary = path.with_suffix(f".{os.getpid()}")
    try:
        faiss.write_index(index, str(temporary))
    except RuntimeError as error:
        temporary.unlink(missing_ok=True)
        what = f"cannot keep the index ({_reason(error)})"
        raise InputError(what, where=str(path.parent), fix="make room, or set encoding.folder") from error
    temporary.replace(path)


def _reason(error: Exception) -> str:
    return re.sub(r"^Error in .*\.cpp:\d+: (Error: )?", "", str(error).strip().splitlines()[-1])
