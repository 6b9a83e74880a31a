"""A global batch with its texts, and which passages each of its questions is compared with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from src.data.training_data import TrainingData
from src.sampling.strategy import Rows


@dataclass(frozen=True, eq=False)
class Batch:
    """Rows of one global batch, and the candidates of each question: row j's passage stands in column j."""

    data: str
    languages: tuple[str, ...]
    rows: Rows  # [b, 3] concept, question language, passage language
    questions: list[str]
    passages: list[str]
    there: NDArray[np.bool_]  # [b, b] another row's passage, in the same part of the batch
    alike: NDArray[np.bool_]  # [b, b] of these, the passage itself again, or a translation of it
    answers: NDArray[np.bool_]  # [b, b] of these, another passage that is known to answer the question

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def negatives(self) -> NDArray[np.bool_]:
        """[b, b] what each question is told apart from."""
        return self.there & ~self.alike & ~self.answers

    @property
    def negative_counts(self) -> NDArray[np.int64]:
        """[b, languages] negatives of each question, by their language."""
        held = self.rows[:, 2, None] == np.arange(len(self.languages))
        return self.negatives.astype(np.int64) @ held.astype(np.int64)


def read_batch(data: TrainingData, rows: Rows, parts: int = 1) -> Batch:
    """The batch of a plan's rows; `parts` is how many micro-batches accumulation makes of it."""
    concepts, asked, answered = rows.T
    question, passage = data.train.question[concepts], data.train.passage[concepts]
    there, alike, answers = compared(data.questions.identity(question), data.passages.identity(passage), parts)
    return Batch(
        data=data.name,
        languages=data.train.languages,
        rows=rows,
        questions=data.questions.get(question, asked),
        passages=data.passages.get(passage, answered),
        there=there,
        alike=alike,
        answers=answers,
    )


def compared(
    questions: NDArray[np.integer], passages: NDArray[np.integer], parts: int = 1
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """By identities [b] of texts, [b, b] each: other rows' passages, which are the same, which else answer."""
    part = np.arange(len(questions)) * parts // len(questions)
    together = part[:, None] == part
    there = together & ~np.eye(len(questions), dtype=bool)
    asks = (questions[:, None] == questions) & together
    holds = passages[:, None] == passages
    known = (asks.astype(np.int64) @ holds.astype(np.int64)) > 0  # some row pairs this question with that passage
    return there, there & holds, there & known & ~holds
