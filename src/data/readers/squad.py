"""A folder of files in the SQuAD format, one a language, parallel by question id."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from src.data.components import connected
from src.data.language_files import find_language_files
from src.data.parallel_pairs import ParallelPairs
from src.data.sentences import split_sentences
from src.data.splits import hold_out
from src.data.squad_format import Article, Paragraph, Question, find_sentence, fractions, read_squad, select_articles
from src.data.training_data import TrainingData
from src.data.training_files import read_cached, source_path
from src.errors import InputError

logger = logging.getLogger(__name__)

VERSION = 1  # raise it when the same files come to be read differently
Unit = Literal["paragraph", "sentence"]


def read(
    cache_dir: Path,
    *,
    name: str,
    folder: str | Path | None = None,
    languages: Sequence[str] | None = None,
    pattern: str | None = None,
    files: Mapping[str, str | Sequence[str]] | None = None,
    passage: Unit = "paragraph",
    article_range: Sequence[float] = (0, 1),
    validation_fraction: float = 0.1,
) -> TrainingData:
    """Concepts by question id; the passage is the answer's paragraph, or the sentence in which the answer starts."""
    if passage not in ("paragraph", "sentence"):
        raise InputError(f"unknown passage {passage!r}", where="dataset.passage", fix="use paragraph or sentence")
    root = source_path(folder, "squad")
    paths = find_language_files(root, languages, pattern, files)
    sources = {os.path.relpath(path, root): path for path in chain(*paths.values())}
    settings = _Settings(name, tuple(paths), passage, fractions(article_range), validation_fraction)
    build = partial(_build, paths=list(paths.values()), settings=settings)
    return read_cached(Path(cache_dir), f"squad {VERSION}", name, asdict(settings), sources, build)


@dataclass(frozen=True, slots=True)
class _Settings:
    """What decides, besides the files, what is read."""

    name: str
    languages: tuple[str, ...]
    passage: Unit
    article_range: tuple[float, ...]
    validation_fraction: float


@dataclass(frozen=True, slots=True)
class _Entry:
    """One question in one language."""

    question: str
    passage: str | None  # None where the answer is not located
    article: int
    context: str


def _build(folder: Path, paths: Sequence[Sequence[Path]], settings: _Settings) -> None:
    files = {language: _read_all(these, language) for language, these in zip(settings.languages, paths, strict=True)}
    chosen = select_articles(files, settings.article_range)
    entries = [_entries(articles, settings.passage, language) for language, articles in chosen.items()]
    _pairs(entries, settings).write(folder)


def _read_all(paths: Sequence[Path], language: str) -> Sequence[Article]:
    """The articles of a language's files, one file after the other; InputError if two of them share a question's id."""
    articles: list[Article] = []
    known: dict[str, Path] = {}
    for path in paths:
        read = _read(path, language)
        ids = {question.id for article in read for paragraph in article.paragraphs for question in paragraph.questions}
        if twice := sorted(ids & known.keys()):
            what = f"the question id {twice[0]!r} is also in {known[twice[0]]}"
            raise InputError(what, where=str(path), fix="name each file once in dataset.files")
        known.update(dict.fromkeys(ids, path))
        articles += read
    return articles


def _read(path: Path, language: str) -> Sequence[Article]:
    file = read_squad(path)
    if file.unanswerable:
        logger.warning("%s: left out %d questions without an answer", language, file.unanswerable)
    return file.articles


def _entries(articles: Sequence[Article], unit: Unit, language: str) -> dict[str, _Entry]:
    entries = {
        question.id: _Entry(question.text, _passage(paragraph, question, unit), number, paragraph.context)
        for number, article in enumerate(articles)
        for paragraph in article.paragraphs
        for question in paragraph.questions
    }
    if lost := sum(entry.passage is None for entry in entries.values()):
        logger.warning("%s: %d questions have no passage, as no sentence holds their answer", language, lost)
    if unit == "sentence" and (elsewhere := _answers_elsewhere(articles)):
        logger.warning(
            "%s: %d answers do not stand at their answer_start, which finds the sentence", language, elsewhere
        )
    return entries


def _answers_elsewhere(articles: Sequence[Article]) -> int:
    paragraphs = [paragraph for article in articles for paragraph in article.paragraphs]
    located = ((p.context, q) for p in paragraphs for q in p.questions if q.answer_start is not None)
    return sum(not context.startswith(question.answer, question.answer_start) for context, question in located)


def _passage(paragraph: Paragraph, question: Question, unit: Unit) -> str | None:
    if unit == "paragraph":
        return paragraph.context
    if question.answer_start is None:
        return None
    sentences = split_sentences(paragraph.context) if paragraph.sentences is None else paragraph.sentences
    found = find_sentence(sentences, question.answer_start)
    return None if found is None else sentences[found].text.strip() or None


def _pairs(entries: Sequence[Mapping[str, _Entry]], settings: _Settings) -> ParallelPairs:
    answered = {ident for held in entries for ident, entry in held.items() if entry.passage is not None}
    concepts = [ident for ident in dict.fromkeys(chain(*entries)) if ident in answered]
    if not concepts:
        raise InputError("no answer is located in its paragraph", where="dataset.passage", fix="use passage: paragraph")
    table = [[held.get(concept) for concept in concepts] for held in entries]  # [language][concept]
    # A passage is one text a language, so concepts share one where they share it in every language.
    by_concept = list(zip(*([entry.passage if entry else None for entry in row] for row in table), strict=True))
    ids = {texts: number for number, texts in enumerate(dict.fromkeys(by_concept))}
    return ParallelPairs(
        languages=settings.languages,
        questions=[[entry.question if entry else None for entry in row] for row in table],
        passages=[list(texts) for texts in zip(*ids, strict=True)],
        passage=np.array([ids[texts] for texts in by_concept], np.int32),
        held_out=hold_out(settings.validation_fraction, *_units(table)),
        datasets=(settings.name,),
        dataset=np.zeros(len(concepts), np.uint8),
    )


def _units(table: Sequence[Sequence[_Entry | None]]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Article and paragraph of every concept: joined over the languages, and where two articles have one paragraph."""
    articles = [[entry.article if entry else None for entry in row] for row in table]
    contexts = [[entry.context if entry else None for entry in row] for row in table]
    size = len(table[0])
    return connected(size, [*articles, *contexts]), connected(size, contexts)
