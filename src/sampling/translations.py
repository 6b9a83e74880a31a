"""A second language for the texts of a batch's rows, for losses that compare a text with its translation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from src.data.pair_index import PairIndex
from src.sampling.pairing import draw, other_language_weights
from src.sampling.strategy import Rows
from src.sampling.streams import stream_key, uniform

NONE = -1
COLUMN = {"query": 1, "passage": 2}  # of a row: its own language


class Translations:
    """For each row of a global batch another language that holds its text, each as likely; any step at any time."""

    def __init__(self, index: PairIndex, side: str, seed: int) -> None:
        self.index, self.side = index, side  # and not its masks alone: those of an index are not copied into workers
        self.equally = np.ones(len(index.languages))
        self.column = COLUMN[side]
        self.key = stream_key(seed, "translations", side)

    @property
    def held(self) -> NDArray[np.unsignedinteger]:
        """[concepts] bit l set: the text is in languages[l]."""
        return self.index.question_languages if self.side == "query" else self.index.passage_languages

    def plan(self, rows: Rows, step: int) -> NDArray[np.int64]:
        """The second language of each row of the step's global batch; -1 where the text has no other."""
        concepts, own = rows[:, 0], rows[:, self.column].astype(np.int64)
        weights = other_language_weights(self.held[concepts], own, self.equally)
        drawn = draw(weights, uniform(self.key, step * len(rows) + np.arange(len(rows))))
        return np.where(weights.any(axis=1), drawn, NONE)

    @property
    def share(self) -> float:
        """The share of concepts whose text is in two languages or more."""
        several = self.held & (self.held - self.held.dtype.type(1))
        return float(np.count_nonzero(np.where(self.held, several, 0)) / max(1, len(self.held)))
