"""mMARCO in the layout of `unicamp-dl/mmarco`: every triple of ids is a concept, in every language at once."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from src.data.mmarco_layout import Layout, find_layout
from src.data.pair_index import HardNegatives, PairIndex
from src.data.texts import ParallelTexts
from src.data.training_data import TrainingData
from src.data.training_files import held_masks, read_cached, save_index, source_path
from src.data.triples import read_triples
from src.data.tsv_texts import align, read_rows
from src.errors import InputError

logger = logging.getLogger(__name__)

VERSION = 1  # raise it when the same files come to be read differently


def read(
    cache_dir: Path,
    *,
    name: str,
    folder: str | Path | None = None,
    variant: str = "google",
    languages: Sequence[str] | None = None,
    max_triples: int | None = None,
    validation_questions: int = 1000,
) -> TrainingData:
    """Concepts are triples: a question, its passage and an explicit negative; held-out questions are not trained on."""
    layout, codes = find_layout(source_path(folder, "mmarco"), variant, languages)
    if max_triples is not None and max_triples < 1:
        raise InputError(
            f"max_triples is {max_triples}", where="dataset.max_triples", fix="use a number from 1, or null"
        )
    settings = _Settings(name, codes, max_triples, validation_questions)
    sources = {str(path.relative_to(layout.folder)): path for path in layout.files(codes)}
    build = partial(_build, layout=layout, settings=settings)
    return read_cached(Path(cache_dir), f"mmarco {VERSION}", name, asdict(settings), sources, build)


@dataclass(frozen=True, slots=True)
class _Settings:
    """What decides, besides the files, what is read."""

    name: str
    languages: tuple[str, ...]
    max_triples: int | None
    validation_questions: int


@dataclass(frozen=True, slots=True, eq=False)
class _Texts:
    """The published ids in use; an id's place among them is its number from then on."""

    published: NDArray[np.int32]  # ascending
    number: NDArray[np.int32]  # by published id
    masks: NDArray[np.unsignedinteger]  # by number; bit l set: languages[l] holds the text


def _build(folder: Path, layout: Layout, settings: _Settings) -> None:
    scratch = folder / "scratch"
    scratch.mkdir()
    columns = read_triples(layout.triples, scratch, settings.max_triples)
    question, positive, negative = columns
    asked, found = _distinct(question), _distinct(positive, negative)
    held_out = _hold_out(len(asked), settings.validation_questions)
    logger.info("%d triples of %d questions and %d passages", len(question), len(asked), len(found))
    questions = _write_texts(folder / "questions", settings.languages, asked, layout.questions, in_order=False)
    _check_known("question", questions, [question], layout)
    passages = _write_texts(folder / "passages", settings.languages, found, layout.collection, in_order=True)
    _check_known("passage", passages, [positive, negative], layout)
    for split, rows in _splits(question, held_out[questions.number[question]]).items():
        numbers = (questions.number, passages.number, passages.number)
        triples = [number[column[rows]] for number, column in zip(numbers, columns, strict=True)]
        save_index(folder / split, _index(settings, questions, passages, triples, scratch / f"{split}.int64"))
    shutil.rmtree(scratch)


def _splits(question: NDArray[np.int32], is_held: NDArray[np.bool_]) -> dict[str, NDArray | slice]:
    """Rows of each split: for validation one triple a question."""
    held = np.flatnonzero(is_held)
    if not len(held):
        return {"train": slice(None)}
    return {"train": ~is_held, "validation": held[np.unique(question[held], return_index=True)[1]]}


def _distinct(*columns: NDArray[np.int32]) -> NDArray[np.int32]:
    """Ids in use, ascending. By table and not by sorting: published ids are dense (8.8 million) and columns long."""
    seen = np.zeros(max(int(column.max()) for column in columns) + 1, bool)
    for column in columns:
        seen[column] = True
    return np.flatnonzero(seen).astype(np.int32)


def _hold_out(questions: int, count: int) -> NDArray[np.bool_]:
    """[questions] which to hold out: evenly spread, as the published ids run close to alphabetically."""
    if not 0 <= count < questions:
        raise InputError(
            f"{count} of {questions} questions cannot be held out",
            where="dataset.validation_questions",
            fix="hold out fewer, or 0 for no validation",
        )
    held_out = np.zeros(questions, bool)
    held_out[(np.arange(count) + 1) * questions // (count + 1)] = True
    return held_out


def _write_texts(
    folder: Path, languages: Sequence[str], ids: NDArray[np.int32], path_of: Callable[[str], Path], *, in_order: bool
) -> _Texts:
    """The texts of some ids; files that are not in the order of their ids (small ones only) are sorted in memory."""

    def stream(path: Path) -> Iterator[str | None]:
        logger.info("reading %s", path.name)
        rows = read_rows(path)
        yield from align(rows if in_order else sorted(rows), ids, path)

    texts = ParallelTexts.write(folder, languages, {language: stream(path_of(language)) for language in languages})
    for language, code in enumerate(languages):
        if lacking := int((~texts.held(language)).sum()):
            logger.warning("%s lacks %d of %d ids, or has them empty", path_of(code).name, lacking, len(ids))
    number = np.full(ids[-1] + 1, -1, np.int32)
    number[ids] = np.arange(len(ids))
    return _Texts(ids, number, held_masks(texts))


def _check_known(kind: str, texts: _Texts, columns: Sequence[NDArray[np.int32]], layout: Layout) -> None:
    """Refuse a triple whose text no language has, by its line."""
    if texts.masks.all():
        return
    lost = np.zeros(len(texts.number), bool)
    lost[texts.published[texts.masks == 0]] = True
    first = [(int(hits.argmax()), column) for column in columns if (hits := lost[column]).any()]
    row, column = min(first, key=lambda found: found[0])
    raise InputError(
        f"{kind} {column[row]} has no text in any of the languages; {lost.sum()} such ids in all",
        where=f"{layout.triples}, line {row + 1}",
        fix="download triples and texts again, complete and from one source",
    )


def _index(
    settings: _Settings,
    questions: _Texts,
    passages: _Texts,
    triples: Sequence[NDArray[np.int32]],
    scratch: Path,
) -> PairIndex:
    question, positive, negative = triples  # numbers, no longer published ids
    offsets = np.memmap(scratch, np.int64, "w+", shape=(len(question) + 1,))
    np.cumsum(np.broadcast_to(np.int64(1), question.shape), out=offsets[1:])
    return PairIndex(
        languages=settings.languages,
        question=question,
        passage=positive,
        question_languages=_select(questions.masks, question),
        passage_languages=_select(passages.masks, positive),
        dataset=np.broadcast_to(np.uint8(0), question.shape),
        datasets=(settings.name,),
        negatives=HardNegatives(offsets, negative),
    )


def _select(masks: NDArray[np.unsignedinteger], ids: NDArray[np.int32]) -> NDArray[np.unsignedinteger]:
    """Masks of the ids: one repeated value where all have the same, as they do in complete files."""
    return np.broadcast_to(masks[0], ids.shape) if (masks == masks[0]).all() else masks[ids]
