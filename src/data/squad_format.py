"""The SQuAD JSON format (1.1 and 2.0), with the sentences that LAReQA adds: parsing and validation."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from src.data.sentences import Sentence
from src.errors import InputError


@dataclass(frozen=True, slots=True)
class Question:
    """One entry of `qas` that has an answer."""

    id: str
    text: str
    answer_start: int | None  # of the first answer, a Python string index; None where the file writes -1 (not located)
    answer: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A context, its sentences where the file marks them, and the questions asked of it."""

    context: str
    sentences: tuple[Sentence, ...] | None
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Article:
    """One entry of `data`."""

    title: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class SquadFile:
    """Everything that one file holds."""

    articles: tuple[Article, ...]
    unanswerable: int  # questions without an answer (SQuAD 2.0), left out


def find_sentence(sentences: Sequence[Sentence], answer_start: int) -> int | None:
    """LAReQA's rule: the first sentence with start <= answer_start < end."""
    return next((i for i, sentence in enumerate(sentences) if sentence.start <= answer_start < sentence.end), None)


def fractions(article_range: Sequence[float]) -> tuple[float, float]:
    """The range, checked."""
    numbers = all(isinstance(end, int | float) for end in article_range)
    if len(article_range) != 2 or not numbers or not 0 <= article_range[0] < article_range[1] <= 1:
        raise InputError(
            f"article_range {list(article_range)} is not two growing fractions",
            where="article_range",
            fix="for example [0, 0.7] for the first 70 % of the articles",
        )
    return float(article_range[0]), float(article_range[1])


def select_articles(
    articles: Mapping[str, Sequence[Article]], article_range: Sequence[float]
) -> dict[str, tuple[Article, ...]]:
    """Each language's articles from one fraction to another of their number, in file order.

    Ranges that meet, [0, 0.7] and [0.7, 1], share no article and leave none out. Languages must list the same
    articles in the same order, as XQuAD-R does: a question on both sides of the cut is an InputError.
    """
    start, stop = fractions(article_range)
    cuts = {language: _cut(len(all_of), start, stop) for language, all_of in articles.items()}
    selected = {language: tuple(articles[language][cut]) for language, cut in cuts.items()}
    if (start, stop) != (0.0, 1.0):
        _check_parallel(articles, selected)
    return selected


def read_squad(path: Path) -> SquadFile:
    """Parse and check a SQuAD-format file, plain or .gz; an InputError names the file and the place in it."""
    parser = _Parser(path)
    data = parser.field(parser.document, "data", list, "")
    articles = tuple(parser.article(article, f"data[{i}]") for i, article in enumerate(data))
    if len(parser.seen) == parser.unanswerable:
        raise InputError("no answerable question in the file", where=str(path), fix="check the download")
    return SquadFile(articles, parser.unanswerable)


def load_json(path: Path) -> Any:
    """The JSON value of a file, plain or .gz; an InputError names the file and line of what is malformed."""
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return json.loads(content.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        where = f"{path}, line {error.lineno}, column {error.colno}"
        raise InputError(
            f"malformed JSON: {error.msg}", where=where, fix="repair or download the file again"
        ) from error
    except (EOFError, OSError, zlib.error, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the file: {error}", where=str(path), fix="download the file again") from error


class _Parser:
    """Walks one document, keeping what spans it: the ids seen and the questions left out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.document = load_json(path)
        self.seen: dict[str, str] = {}  # question id -> its place
        self.unanswerable = 0

    def article(self, value: Any, place: str) -> Article:
        paragraphs = self.field(value, "paragraphs", list, place)
        title = value.get("title", "")
        parsed = (self.paragraph(paragraph, f"{place}.paragraphs[{i}]") for i, paragraph in enumerate(paragraphs))
        return Article(str(title), tuple(parsed))

    def paragraph(self, value: Any, place: str) -> Paragraph:
        context = self.text(value, "context", place)
        questions = self.field(value, "qas", list, place)
        parsed = (self.question(question, context, f"{place}.qas[{i}]") for i, question in enumerate(questions))
        answerable = tuple(question for question in parsed if question is not None)
        return Paragraph(context, self.sentences(value, context, place), answerable)

    def question(self, value: Any, context: str, place: str) -> Question | None:
        identifier, text = self.text(value, "id", place), self.text(value, "question", place)
        if identifier in self.seen:
            raise self.error(f"duplicate question id {identifier!r}, first at {self.seen[identifier]}", place)
        self.seen[identifier] = place
        answers = self.field(value, "answers", list, place)
        if value.get("is_impossible", False) or not answers:
            self.unanswerable += 1
            return None
        start = self.field(answers[0], "answer_start", int, f"{place}.answers[0]")
        answer = self.field(answers[0], "text", str, f"{place}.answers[0]")
        if not -1 <= start < len(context):
            raise self.error(f"answer_start {start} is outside the context of {len(context)} characters", place)
        return Question(identifier, text, start if start >= 0 else None, answer)

    def sentences(self, value: Any, context: str, place: str) -> tuple[Sentence, ...] | None:
        if "sentence_breaks" not in value:
            return None
        breaks = self.field(value, "sentence_breaks", list, place)
        if not all(isinstance(pair, list) and len(pair) == 2 and all(type(n) is int for n in pair) for pair in breaks):
            raise self.error("sentence_breaks must be a list of [start, end] pairs", place)
        # A file's own sentences before the slices: in XQuAD-R one paragraph's breaks are shifted against its context.
        texts = value.get("sentences", [context[start:end] for start, end in breaks])
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise self.error("sentences must be a list of strings", place)
        if len(texts) != len(breaks):
            raise self.error(f"{len(texts)} sentences but {len(breaks)} sentence_breaks", place)
        return tuple(Sentence(start, end, text) for (start, end), text in zip(breaks, texts, strict=True))

    def text(self, value: Any, key: str, place: str) -> str:
        text = self.field(value, key, str, place)
        if not text.strip():
            raise self.error(f"empty {key!r}", place)
        return text

    def field(self, value: Any, key: str, kind: type, place: str) -> Any:
        if not isinstance(value, dict):
            raise self.error(f"expected an object, found {type(value).__name__}", place)
        if key not in value:
            raise self.error(f"missing key {key!r}; found {', '.join(map(repr, value)) or 'none'}", place)
        if type(value[key]) is not kind:
            raise self.error(f"{key!r} must be {kind.__name__}, found {type(value[key]).__name__}", place)
        return value[key]

    def error(self, what: str, place: str) -> InputError:
        fix = "the file must have the SQuAD format: data[].paragraphs[]{context, qas[]{id, question, answers[]}}"
        return InputError(what, where=f"{self.path}, at {place or 'the top'}", fix=fix)


def _cut(articles: int, start: float, stop: float) -> slice:
    return slice(round(start * articles), round(stop * articles))


def _check_parallel(all_articles: Mapping[str, Sequence[Article]], selected: Mapping[str, Sequence[Article]]) -> None:
    inside = {language: _question_ids(articles) for language, articles in selected.items()}
    outside = {language: _question_ids(all_articles[language]) - inside[language] for language in selected}
    split = set().union(*inside.values()) & set().union(*outside.values())
    if split:
        raise InputError(
            f"{len(split)} questions, such as {min(split)!r}, are in the range in one language and outside in another",
            where="article_range",
            fix="use a range only where every language lists the same articles in the same order",
        )
    if empty := [language for language, ids in inside.items() if not ids]:
        raise InputError(
            f"no article of {', '.join(empty)} is in the range", where="article_range", fix="take a wider range"
        )


def _question_ids(articles: Sequence[Article]) -> set[str]:
    return {question.id for article in articles for paragraph in article.paragraphs for question in paragraph.questions}
