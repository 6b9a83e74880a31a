"""Counts what a strategy plans, without touching a text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from src.sampling.strategy import Strategy


@dataclass(frozen=True, eq=False)
class Census:
    """Planned rows of some steps."""

    languages: tuple[str, ...]
    pairs: NDArray[np.int64]  # [query languages, passage languages] rows
    replaced: int  # rows that hold a stand-in

    def by_pair(self) -> dict[str, int]:
        """Rows by language pair, such as {"en-de": 12}; pairs that never occur are left out."""
        return {
            f"{self.languages[query]}-{self.languages[passage]}": int(self.pairs[query, passage])
            for query, passage in np.argwhere(self.pairs).tolist()
        }


def take_census(strategy: Strategy, steps: Iterable[int]) -> Census:
    """Count the rows that a strategy plans for the steps, one batch at a time."""
    languages = len(strategy.languages)
    pairs, replaced = np.zeros(languages**2, dtype=np.int64), 0
    for step in steps:
        _, query, passage = strategy.plan(step).T
        pairs += np.bincount(query * languages + passage, minlength=languages**2)
        replaced += strategy.replaced(step)
    return Census(strategy.languages, pairs.reshape(languages, languages), replaced)
