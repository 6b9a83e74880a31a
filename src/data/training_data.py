"""What a reader of training data returns."""

from __future__ import annotations

from dataclasses import dataclass

from src.data.pair_index import PairIndex
from src.data.texts import ParallelTexts


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Concepts as integers, and the texts that their ids address; both have the same languages in the same order."""

    name: str
    train: PairIndex  # concepts to train on
    validation: PairIndex | None  # held out; its ids address the same texts
    test: PairIndex | None  # held out, and never looked at while training
    questions: ParallelTexts  # by question id
    passages: ParallelTexts  # by passage id, positives and hard negatives alike
    sources: dict[str, str]  # file name -> sha256, for the run record
    fingerprint: str  # hash of the sources and of the settings they were read with
