"""Which deck each row of a batch is dealt from, and how many rows that deck gave before."""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from src.sampling.schedule import Schedule


class Laid(NamedTuple):
    """The batches of one window, each array [steps, batch size]."""

    deck: NDArray[np.int64]
    ordinal: NDArray[np.int64]  # rows that the deck gave before, in the whole run


class Layout(Protocol):
    """Decides, window by window, which deck each row is of."""

    steps: int  # of a window
    run: int  # rows that come from a deck at once, which an epoch never splits
    shares: NDArray[np.float64]  # expected share of rows by deck

    def read(self, window: int) -> Laid:
        """The batches from step `window * steps` on."""
        ...


class Runs:
    """Decks drawn by share, each for a run of rows: a whole batch, or one row."""

    def __init__(self, shares: NDArray[np.float64], batch_size: int, run: int, seed: int, name: str) -> None:
        self.steps, self.run, self.shares = window_steps(batch_size), run, shares
        self._shape = self.steps, batch_size
        self._schedule = Schedule(shares, self.steps * batch_size // run, seed, name, "language")

    def read(self, window: int) -> Laid:
        """The batches from step `window * steps` on."""
        drawn = self._schedule.read(window)
        deck = np.repeat(drawn.outcome, self.run).reshape(self._shape)
        ordinal = (drawn.ordinal[:, None] * self.run + np.arange(self.run)).reshape(self._shape)
        return Laid(deck, ordinal)


def window_steps(batch_size: int) -> int:
    """An even number of steps that keeps both the cost of a window and the share of its edges small."""
    return 2 * min(64, max(4, math.isqrt(2**20 // batch_size) // 2))
