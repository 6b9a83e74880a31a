"""Concepts gathered in memory by a reader, and how they become training data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from src.data.components import connected
from src.data.pair_index import HardNegatives, PairIndex
from src.data.texts import ParallelTexts
from src.data.training_files import held_masks, save_index


@dataclass(frozen=True, eq=False)
class ParallelPairs:
    """Questions (one a concept) and passages in every language that holds them."""

    languages: tuple[str, ...]
    questions: list[list[str | None]]  # [language][concept]
    passages: list[list[str | None]]  # [language][passage]
    passage: NDArray[np.int32]  # [concepts]
    held_out: NDArray[np.bool_]  # [concepts] for validation
    datasets: tuple[str, ...]
    dataset: NDArray[np.uint8]  # [concepts]
    negatives: HardNegatives | None = None

    def write(self, folder: Path) -> None:
        """Write texts and indices where `read_cached` finds them; texts that are equal in a language are one group."""
        questions = self._write_texts(folder / "questions", self.questions)
        passages = self._write_texts(folder / "passages", self.passages)
        index = PairIndex(
            languages=self.languages,
            question=np.arange(len(self.passage), dtype=np.int32),
            passage=self.passage,
            question_languages=held_masks(questions),
            passage_languages=held_masks(passages)[self.passage],
            dataset=self.dataset,
            datasets=self.datasets,
            negatives=self.negatives,
        )
        save_index(folder / "train", index.select(np.flatnonzero(~self.held_out)))
        if self.held_out.any():
            save_index(folder / "validation", index.select(np.flatnonzero(self.held_out)))

    def _write_texts(self, folder: Path, texts: list[list[str | None]]) -> ParallelTexts:
        by_language = dict(zip(self.languages, texts, strict=True))
        return ParallelTexts.write(folder, self.languages, by_language, group=connected(len(texts[0]), texts))
