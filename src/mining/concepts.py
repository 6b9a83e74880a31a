"""The concepts that get negatives: each question with each of its positive passages, once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from src.data.pair_index import PairIndex


@dataclass(frozen=True, eq=False)
class Concepts:
    """Distinct pairs of a question and a positive passage in the order of their first concepts."""

    question: NDArray[np.int32]  # [concepts] ids
    passage: NDArray[np.int32]  # [concepts] ids
    dataset: NDArray[np.uint8]  # [concepts]
    datasets: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.question)

    def names(self) -> list[str]:
        """Ids in the mined data: the question's; with the passage's behind it where the question has several."""
        _, number, count = np.unique(self.question, return_inverse=True, return_counts=True)
        return [
            f"{question}-{passage}" if several else f"{question}"
            for question, passage, several in zip(
                self.question.tolist(), self.passage.tolist(), (count[number] > 1).tolist(), strict=True
            )
        ]


def concepts_of(index: PairIndex) -> Concepts:
    """Those of training data; triples that differ in their negative alone are one."""
    pairs = index.question.astype(np.int64) << 32 | index.passage
    first = np.sort(np.unique(pairs, return_index=True)[1])
    return Concepts(
        np.asarray(index.question[first]),
        np.asarray(index.passage[first]),
        np.asarray(index.dataset[first]),
        index.datasets,
    )
