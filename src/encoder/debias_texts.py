"""Texts by language that debiasing is fitted to: files of one text a line, or the texts that were trained on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from src.data.distinct import distinct_in
from src.encoder.debias_fit import Method, Samples
from src.errors import InputError

if TYPE_CHECKING:
    from src.data.pair_index import PairIndex
    from src.data.training_data import TrainingData


def from_folder(folder: Path, method: Method) -> Samples:
    """A sample of each LANGUAGE.txt file; of two sides every other text each."""
    files = sorted(folder.glob("*.txt"))
    if not files:
        what = "no files named LANGUAGE.txt here" if folder.is_dir() else "no such folder"
        raise InputError(what, where=f"debias.texts={folder}", fix="a file for each language, one text a line")
    return {file.stem: _dealt(_sampled(file, method), method) for file in files}


def from_training(data: TrainingData, method: Method) -> Samples:
    """A sample of the questions and passages of each language in the training part, none that is held out."""
    return {code: _of_language(data, number, method) for number, code in enumerate(data.train.languages)}


def _dealt(texts: Sequence[str], method: Method) -> dict:
    return {side: texts[place :: len(method.sides)] for place, side in enumerate(method.sides)}


def _sampled(file: Path, method: Method) -> list[str]:
    """Lines of a file that is read twice rather than held: it may be large."""
    wanted = set(_drawn(sum(1 for _ in _lines(file)), method.texts_per_language, method.seed).tolist())
    return [line for number, line in enumerate(_lines(file)) if number in wanted]


def _lines(file: Path) -> Iterator[str]:
    with file.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                text = line.decode("utf-8-sig").strip()
            except UnicodeDecodeError as error:
                raise InputError("not UTF-8", where=f"{file}:{number}") from error
            if text:
                yield text


def _of_language(data: TrainingData, language: int, method: Method) -> dict:
    most = method.texts_per_language // len(method.sides)
    samples = {}
    for side in method.sides:
        held = data.questions if side == "query" else data.passages
        ids = _ids(data.train, side, language)
        chosen = ids[_drawn(len(ids), most, method.seed)]
        samples[side] = held.get(chosen, np.full(len(chosen), language))
    return samples


def _ids(index: PairIndex, side: str, language: int) -> NDArray[np.integer]:
    """Different questions or passages that the language has."""
    ids, held = (
        (index.question, index.question_languages) if side == "query" else (index.passage, index.passage_languages)
    )
    return distinct_in(ids, held, language, int(ids.max(initial=-1)) + 1)


def _drawn(count: int, most: int, seed: int) -> NDArray[np.integer]:
    """Which of so many are taken, in order; the same ones of parallel files, so that languages differ by language."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(np.random.SeedSequence(seed)).choice(count, most, replace=False))
