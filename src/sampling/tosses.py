"""Tosses of a coin whose probability changes from step to step, counted however far the run has gone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from src.sampling.schedule import Drawn
from src.sampling.streams import uniform

CHUNK = 1 << 16  # steps counted at a time


class Tosses:
    """Independent draws of 0, with a probability that depends on the step, or else of 1; in blocks, in any order.

    Each toss is a hash of its step, and zeros are counted chunk by chunk, once: 65,536 steps take about a millisecond.
    """

    def __init__(self, probability: Callable[[NDArray[np.int64]], NDArray[np.float64]], key: int, block: int) -> None:
        self._probability, self._key, self._block = probability, key, block
        self._zeros = [0]  # before each chunk seen so far

    def read(self, block: int) -> Drawn:
        """The draws of one block."""
        start = block * self._block
        steps = np.arange(start, start + self._block)
        zero = self._toss(start, self._block)
        zeros = self._before(start) + np.cumsum(zero) - zero
        return Drawn((~zero).astype(np.int64), np.where(zero, zeros, steps - zeros))

    def _before(self, step: int) -> int:
        """Zeros before a step."""
        chunk, place = divmod(step, CHUNK)
        while len(self._zeros) <= chunk:
            start = (len(self._zeros) - 1) * CHUNK
            self._zeros.append(self._zeros[-1] + int(np.count_nonzero(self._toss(start, CHUNK))))
        return self._zeros[chunk] + int(np.count_nonzero(self._toss(step - place, place)))

    def _toss(self, start: int, count: int) -> NDArray[np.bool_]:
        steps = np.arange(start, start + count)
        return uniform(self._key, steps) < self._probability(steps)
