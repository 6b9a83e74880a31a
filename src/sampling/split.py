"""Batches in two parts: a set share of rows in one language, the others with question and passage in two."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from src.sampling.layout import Laid, window_steps
from src.sampling.schedule import Schedule

FINEST = 10**6  # denominator that a share is rounded to, so that it is counted in whole numbers


class Split:
    """Decks 0..L-1 give the rows in one language, decks L..2L-1 the cross-lingual ones.

    A language is drawn for each batch. Its n-th turn has floor((n + 1) share size) - floor(n share size) rows in it, so
    the share is exact over a language's turns to a row, and what was dealt before any step follows from the turns. The
    other rows are asked in the same language, or (`others`) each in one drawn by these shares. The parts are spread
    over the batch evenly, so that every slice of it (a device's, an accumulation step's) holds the share to a row.
    """

    run = 1

    def __init__(
        self,
        languages: NDArray[np.float64],
        others: NDArray[np.float64] | None,
        share: float,
        batch_size: int,
        seed: int,
        name: str,
    ) -> None:
        self.steps, self._size = window_steps(batch_size), batch_size
        self._share = Fraction(share).limit_denominator(FINEST)
        self._turns = Schedule(languages, self.steps, seed, name, "language")
        self._others = None if others is None else Schedule(others, self.steps * batch_size, seed, name, "others")
        asked = languages if others is None else others
        self.shares = np.concatenate([languages * float(self._share), asked * float(1 - self._share)])

    def read(self, window: int) -> Laid:
        """The batches from step `window * steps` on."""
        turn = self._turns.read(window)
        before, after = self._same_rows(turn.ordinal), self._same_rows(turn.ordinal + 1)
        same = _spread(after - before, self._size)
        language = np.repeat(turn.outcome[:, None], self._size, axis=1)
        ordinal = np.where(
            same,
            before[:, None] + same.cumsum(axis=1) - 1,
            (turn.ordinal * self._size - before)[:, None] + (~same).cumsum(axis=1) - 1,
        )
        if self._others:
            first = window * self.steps * self._size - int(self._same_rows(self._turns.before(window)).sum())
            language[~same], ordinal[~same] = self._others.span(first, int(np.count_nonzero(~same)))
        return Laid(language + len(self.shares) // 2 * ~same, ordinal)

    def _same_rows(self, turns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows in one language that a language has in its first `turns` batches."""
        return turns * self._size * self._share.numerator // self._share.denominator


def _spread(counts: NDArray[np.int64], size: int) -> NDArray[np.bool_]:
    """For each count, that many of `size` places, as evenly as can be: [counts, size]."""
    reached = np.arange(size + 1) * counts[:, None] // size
    return np.diff(reached, axis=1) > 0
