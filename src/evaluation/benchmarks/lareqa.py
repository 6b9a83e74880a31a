"""The layout of LAReQA (XQuAD-R, MLQA-R): one SQuAD-format file a language, paragraphs split into sentences."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from src.data.sentences import Sentence
from src.data.squad_format import Article, Paragraph, Question, find_sentence, read_squad, select_articles
from src.errors import InputError
from src.evaluation.benchmark import Benchmark, Judgements, TextSet
from src.evaluation.benchmarks.choice import choose
from src.evaluation.measures import COMMON, leading

logger = logging.getLogger(__name__)

# XTREME encodes a sentence and its paragraph joined without any separator.
TEMPLATES = {"sentence": "{sentence}", "sentence_and_context": "{sentence}{context}"}


def load_lareqa(
    name: str,
    folder: str | Path,
    published: Mapping[str, tuple[int, int]],
    *,
    languages: Sequence[str] | None = None,
    text: str = "sentence",
    article_range: Sequence[float] | None = None,
    metrics: Sequence[str] = COMMON,
    score_setting: str | None = None,
) -> Benchmark:
    """The benchmark in `folder`, which holds `{language}.json` (or .json.gz) for each language.

    A candidate is one sentence of one paragraph in one language, its id `{language}_{paragraph}_{sentence}`: paragraphs
    counted from 1 through the file and sentences from 0, as LAReQA does; equal sentences stay apart. A question is
    answered, in every language that holds its id, by the first sentence with start <= answer_start < end.

    `text` is one of TEMPLATES. `article_range` keeps the queries and the candidates of those articles only. `published`
    has the queries and candidates of each language of the real data: it gives the default languages. `score_setting`
    is what stands for the benchmark in a suite; None: the mean of the settings. Other counts than published, in all
    languages, are another benchmark, {name}[reduced] or {name}[enlarged].
    """
    if text not in TEMPLATES:
        raise InputError(f"unknown text {text!r}", where="benchmark.text", fix=f"one of {', '.join(TEMPLATES)}")
    chosen = choose(languages, published)
    paths = {language: _find(Path(folder), language) for language in chosen}
    articles = {language: read_squad(path).articles for language, path in paths.items()}
    kept = select_articles(articles, article_range) if article_range is not None else articles
    parts = _Parts(TEMPLATES[text])
    for code, language in enumerate(chosen):
        parts.add(code, language, _numbered(articles[language], kept[language]), paths[language])
    pool = _other_pool(name, parts, chosen, published) if article_range is None else ""
    return Benchmark(
        name=_full_name(name + pool, chosen, tuple(published), article_range),
        languages=chosen,
        queries=TextSet(parts.query_ids, parts.questions, np.array(parts.query_language, dtype=np.int16)),
        candidates=TextSet(parts.candidate_ids, parts.candidates, np.array(parts.candidate_language, dtype=np.int16)),
        judgements=_across_languages(parts.concept, parts.answer),
        concept=np.array(parts.concept, dtype=np.int32),
        metrics=tuple(metrics),
        headline=leading(metrics),
        template=TEMPLATES[text],
        score_setting=score_setting,
        sources={path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths.values()},
    )


@dataclass
class _Parts:
    """What the languages hold, one after the other."""

    template: str
    query_ids: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    query_language: list[int] = field(default_factory=list)
    concept: list[int] = field(default_factory=list)
    answer: list[int] = field(default_factory=list)  # of each query: the candidate in its own language
    candidate_ids: list[str] = field(default_factory=list)
    candidates: list[str] = field(default_factory=list)
    candidate_language: list[int] = field(default_factory=list)
    concepts: dict[str, int] = field(default_factory=dict)  # question id -> concept

    def add(self, code: int, language: str, paragraphs: Iterable[tuple[int, Paragraph]], path: Path) -> None:
        """Append one language's questions and sentences."""
        for number, paragraph in paragraphs:
            sentences = _sentences(paragraph, path, number)
            for question in paragraph.questions:
                self.query_ids.append(f"{question.id}_{language}")
                self.questions.append(question.text)
                self.query_language.append(code)
                self.concept.append(self.concepts.setdefault(question.id, len(self.concepts)))
                self.answer.append(len(self.candidates) + _answer(question, sentences, path, number))
            for position, sentence in enumerate(sentences):
                self.candidate_ids.append(f"{language}_{number}_{position}")
                self.candidates.append(self.template.format(sentence=sentence.text, context=paragraph.context))
                self.candidate_language.append(code)


def _numbered(articles: Sequence[Article], kept: Sequence[Article]) -> Iterator[tuple[int, Paragraph]]:
    """Paragraphs of the kept articles with their numbers in the whole file."""
    inside = {id(article) for article in kept}
    paragraphs = ((article, paragraph) for article in articles for paragraph in article.paragraphs)
    for number, (article, paragraph) in enumerate(paragraphs, start=1):
        if id(article) in inside:
            yield number, paragraph


def _sentences(paragraph: Paragraph, path: Path, number: int) -> tuple[Sentence, ...]:
    where = f"{path}, paragraph {number}"
    if not paragraph.sentences:
        fix = "the files of LAReQA mark sentences; those of XQuAD and MLQA themselves do not"
        raise InputError("the paragraph has no sentence_breaks", where=where, fix=fix)
    for sentence in paragraph.sentences:
        if not 0 <= sentence.start < sentence.end:
            raise InputError(f"a sentence from {sentence.start} to {sentence.end}", where=where, fix="mend its breaks")
    return paragraph.sentences


def _answer(question: Question, sentences: Sequence[Sentence], path: Path, number: int) -> int:
    found = None if question.answer_start is None else find_sentence(sentences, question.answer_start)
    if found is None:
        raise InputError(
            f"the answer to {question.id!r} starts at {question.answer_start}, which is in no sentence",
            where=f"{path}, paragraph {number}",
            fix="mend answer_start or sentence_breaks",
        )
    return found


def _across_languages(concept: Sequence[int], answer: Sequence[int]) -> Judgements:
    """Every query with the answer that each language has for its concept."""
    answers: dict[int, list[int]] = {}
    for asked, candidate in zip(concept, answer, strict=True):
        answers.setdefault(asked, []).append(candidate)
    query = np.repeat(np.arange(len(concept), dtype=np.int32), [len(answers[asked]) for asked in concept])
    found = np.array([candidate for asked in concept for candidate in answers[asked]], dtype=np.int32)
    return Judgements(query, found, np.ones(len(query), dtype=np.int16))


def _find(folder: Path, language: str) -> Path:
    for path in (folder / f"{language}.json", folder / f"{language}.json.gz"):
        if path.is_file():
            return path
    if not folder.is_dir():
        fix = "set benchmark.folder; the benchmark's file in conf/benchmark/ says where to get it"
        raise InputError("the benchmark's folder does not exist", where=str(folder), fix=fix)
    there = ", ".join(sorted(path.name for path in folder.iterdir() if ".json" in path.name)) or "no JSON file"
    fix = f"add it, or choose benchmark.languages among what is there: {there}"
    raise InputError(f"no file {language}.json", where=str(folder), fix=fix)


def _full_name(
    name: str, languages: tuple[str, ...], published: tuple[str, ...], article_range: Sequence[float] | None
) -> str:
    """A smaller pool is another benchmark, so its name says which."""
    some = f"[{','.join(languages)}]" if set(languages) != set(published) else ""
    part = "[{}-{}]".format(*map(float, article_range)) if article_range is not None else ""
    return name + some + part


def _other_pool(name: str, parts: _Parts, languages: Sequence[str], published: Mapping[str, tuple[int, int]]) -> str:
    """What the name says of all languages where their counts are not those published, of which any is warned."""
    counts = [
        np.bincount(codes, minlength=len(languages)).tolist()
        for codes in (parts.query_language, parts.candidate_language)
    ]
    held = dict(zip(languages, zip(*counts, strict=True), strict=True))
    other = {language: count for language, count in held.items() if count != published.get(language)}
    for language, count in other.items():
        logger.warning(
            "%s in %s has %d queries and %d candidates, not the published %s: scores will not be comparable",
            name, language, *count, published.get(language),
        )  # fmt: skip
    if not other or set(languages) != set(published):
        return ""
    smaller = any(np.less(count, published[language]).any() for language, count in other.items())
    return "[reduced]" if smaller else "[enlarged]"
