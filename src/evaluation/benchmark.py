"""A benchmark: queries, candidates and judgements, each with a language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class TextSet:
    """Texts with ids and languages."""

    ids: Sequence[str]  # unique
    texts: Sequence[str]
    language: NDArray[np.int16]  # [texts] index into the benchmark's languages

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class Judgements:
    """Relevance judgements as parallel arrays, sorted by query; a pair not listed is not relevant."""

    query: NDArray[np.int32]  # index into queries
    candidate: NDArray[np.int32]  # index into candidates
    grade: NDArray[np.int16]  # > 0 is relevant

    def __len__(self) -> int:
        return len(self.query)


@dataclass(frozen=True, eq=False)
class Benchmark:
    """Queries, candidates and judgements with their languages, and the metrics that headline them."""

    name: str
    languages: tuple[str, ...]
    queries: TextSet
    candidates: TextSet
    judgements: Judgements
    concept: NDArray[np.int32]  # [queries] translations of one question share a concept: the unit of resampling
    metrics: tuple[str, ...]  # such as "mAP", "mAP@20", "nDCG@10", "R@1"
    headline: str  # the metric a table leads with
    template: str  # how candidate text was made, for example "sentence" or "sentence context"
    fingerprint: str  # hash of everything that is scored
    sources: dict[str, str] = field(default_factory=dict)  # file name -> sha256
