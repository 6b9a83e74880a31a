"""What a strategy is: a pure function from a step to the rows of its global batch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]

PROBE = 16  # steps that the record counts stand-ins in


class Strategy(ABC):
    """Plans global batches. A plan depends on nothing but the pair index, the seed and the step."""

    batch_size: int
    languages: tuple[str, ...]

    @abstractmethod
    def plan(self, step: int) -> Rows:
        """Rows of one global batch: [batch_size, 3] concept, query language, passage language."""

    @abstractmethod
    def replaced(self, step: int) -> int:
        """How many of those rows hold a stand-in, because every exchange for the epoch's own concept failed."""

    @abstractmethod
    def expected(self) -> NDArray[np.float64]:
        """Expected share of rows by language pair, [query languages, passage languages]; sums to 1."""

    def describe(self) -> dict[str, Any]:
        """What the run's record says of the strategy, in plain values."""
        pairs = self.expected()
        return {
            "batch_size": self.batch_size,
            "query_share": self._by_language(pairs.sum(axis=1)),
            "passage_share": self._by_language(pairs.sum(axis=0)),
            "replaced": {"steps": PROBE, "rows": sum(self.replaced(step) for step in range(PROBE))},
        }

    def _by_language(self, values: NDArray[Any]) -> dict[str, Any]:
        return dict(zip(self.languages, values.tolist(), strict=True))
