"""A dataset of mMARCO's shape in the form that readers leave on disk: 40 million pairs in 9 languages, short texts.

Half a million questions share 8.8 million passages; every text is in every language, every pair has one explicit
negative, and a thousand questions are held out. About 6 GB, written once.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from src.data.cache import cached_folder
from src.data.pair_index import HardNegatives, PairIndex
from src.data.texts import ParallelTexts
from src.data.training_data import TrainingData
from src.data.training_files import open_index, save_index

LANGUAGES = ("ar", "de", "en", "es", "fr", "hi", "ru", "th", "zh")
QUESTIONS, PASSAGES, HELD_OUT = 500_000, 8_800_000, 1000


def read(cache_dir: Path, *, name: str, folder: str, pairs: int = 40_000_000) -> TrainingData:
    """What a reader returns (see conf/dataset/): the files in `folder`, written first if they are not there."""
    home = cached_folder(Path(folder) / f"pairs-{pairs}", lambda new: write(new, pairs))
    return TrainingData(
        name=name,
        train=open_index(home / "train"),
        validation=open_index(home / "validation"),
        test=None,
        questions=ParallelTexts.open(home / "questions"),
        passages=ParallelTexts.open(home / "passages"),
        sources={},
        fingerprint=f"large {pairs}",
    )


def write(folder: Path, pairs: int) -> None:
    """Questions, passages and both indices; a smaller dataset has fewer of each."""
    questions, passages = max(2 * HELD_OUT, QUESTIONS * pairs // 40_000_000), max(2, PASSAGES * pairs // 40_000_000)
    for kind, count in {"questions": questions, "passages": passages}.items():
        texts = {code: _texts(code, kind[:-1], count) for code in LANGUAGES}
        ParallelTexts.write(folder / kind, LANGUAGES, texts)
    rng = np.random.default_rng(0)
    asked = rng.integers(HELD_OUT, questions, pairs, dtype=np.int32)
    save_index(folder / "train", _index(asked, passages, rng))
    save_index(folder / "validation", _index(np.arange(HELD_OUT, dtype=np.int32), passages, rng))


def _texts(code: str, kind: str, count: int) -> Iterator[str]:
    for number in range(count):
        yield f"{code} {kind} {number} about {number % 997} and {number % 89}"


def _index(asked: np.ndarray, passages: int, rng: np.random.Generator) -> PairIndex:
    pairs = len(asked)
    everywhere = np.broadcast_to(np.uint16((1 << len(LANGUAGES)) - 1), pairs)
    positive, negative = (rng.integers(0, passages, pairs, dtype=np.int32) for _ in range(2))
    return PairIndex(
        languages=LANGUAGES,
        question=asked,
        passage=positive,
        question_languages=everywhere,
        passage_languages=everywhere,
        dataset=np.broadcast_to(np.uint8(0), pairs),
        datasets=("large",),
        negatives=HardNegatives(np.arange(pairs + 1, dtype=np.int64), negative),
    )
