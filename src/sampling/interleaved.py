"""Strategies made of strategies: each batch comes whole from one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from src.sampling.recent import Recent
from src.sampling.schedule import Drawn, Schedule
from src.sampling.strategy import Rows, Strategy

BLOCK = 1024  # steps drawn at a time


class Interleaved(Strategy):
    """Draws one of its parts for each step, by share; each part counts only its own steps.

    `turns` gives the draws, block by block, where shares change from step to step; `shares` are then their mean.
    """

    def __init__(
        self,
        parts: Sequence[Strategy],
        shares: ArrayLike,
        seed: int,
        name: str,
        turns: Callable[[int], Drawn] | None = None,
    ) -> None:
        self.batch_size, self.languages = parts[0].batch_size, parts[0].languages
        self.parts = parts
        self.shares = np.asarray(shares, dtype=np.float64)
        self._drawn = Recent(turns or Schedule(self.shares, BLOCK, seed, name, "turn").read)

    def plan(self, step: int) -> Rows:
        """Rows of one global batch: [batch_size, 3] concept, query language, passage language."""
        part, own_step = self._turn(step)
        return part.plan(own_step)

    def replaced(self, step: int) -> int:
        """How many of those rows hold a stand-in."""
        part, own_step = self._turn(step)
        return part.replaced(own_step)

    def expected(self) -> NDArray[np.float64]:
        """Expected share of rows by language pair."""
        return np.tensordot(self.shares, [part.expected() for part in self.parts], axes=1)

    def _turn(self, step: int) -> tuple[Strategy, int]:
        """The part whose turn it is, and how many turns it had before."""
        if step < 0:
            raise ValueError(f"steps count from 0, got {step}")
        block, place = divmod(step, BLOCK)
        drawn = self._drawn(block)
        return self.parts[drawn.outcome[place]], int(drawn.ordinal[place])


def either(records: Iterable[Mapping[str, Any]], shares: Iterable[float]) -> str:
    """What batches of several kinds hold, from the records of those and their shares."""
    kinds = [(record["holds"], share) for record, share in zip(records, shares, strict=True)]
    return "; ".join(holds if share == 1 else f"{holds} ({share:.0%} of the batches)" for holds, share in kinds)
