"""The embedded default: questions and answers about territories and languages, made from the CLDR data in babel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from src.data.cache import cached_folder
from src.data.cldr.parallel import ParallelFacts, parallel_facts
from src.data.fingerprint import digest
from src.data.pair_index import PairIndex, mask_dtype
from src.data.texts import ParallelTexts
from src.data.training_data import TrainingData


def read(cache_dir: Path, *, name: str = "cldr_facts", languages: Sequence[str] | None = None) -> TrainingData:
    """One concept a fact: its question and its answer in all the languages; question and passage id are the fact's."""
    made = parallel_facts(languages, where="dataset.languages")
    fingerprint = digest(name, made.fingerprint)
    folder = cached_folder(Path(cache_dir) / "datasets" / f"{name}-{fingerprint[:16]}", lambda new: _write(new, made))
    train, validation, test = (_index(part, made.languages, name) for part in made.split)
    return TrainingData(
        name=name,
        train=train,
        validation=validation,
        test=test,
        questions=ParallelTexts.open(folder / "questions"),
        passages=ParallelTexts.open(folder / "passages"),
        sources=made.sources,
        fingerprint=fingerprint,
    )


def _write(folder: Path, made: ParallelFacts) -> None:
    ParallelTexts.write(folder / "questions", made.languages, made.questions)
    ParallelTexts.write(folder / "passages", made.languages, made.answers)


def _index(ids: NDArray[np.int32], languages: tuple[str, ...], name: str) -> PairIndex:
    dtype = mask_dtype(len(languages))
    everywhere = np.full(len(ids), (1 << len(languages)) - 1, dtype)
    return PairIndex(
        languages=languages,
        question=ids,
        passage=ids,
        question_languages=everywhere,
        passage_languages=everywhere,
        dataset=np.zeros(len(ids), np.uint8),
        datasets=(name,),
    )
