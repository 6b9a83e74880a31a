"""Any SQuAD-format file as monolingual retrieval: find the paragraph, or the sentence, that answers a question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from src.data.fingerprint import file_sha256
from src.data.sentences import Sentence, split_sentences
from src.data.squad_format import Paragraph, Question, find_sentence, read_squad
from src.errors import InputError
from src.evaluation.benchmark import Benchmark, Judgements, TextSet
from src.evaluation.benchmarks.choice import check_language
from src.evaluation.measures import COMMON, leading

PASSAGES = ("paragraph", "sentence")


def load(
    file: str | Path,
    *,
    name: str | None = None,
    language: str = "en",
    passage: str = "paragraph",
    metrics: Sequence[str] = COMMON,
    cache_dir: str | Path,
) -> Benchmark:
    """The questions of one file (.json or .json.gz) against all of its paragraphs, or all of their sentences.

    Relevant is the question's own paragraph, or the sentence in which its first answer starts; a question whose answer
    no sentence holds is not asked. A paragraph that the file repeats is one candidate, and so is a sentence.
    """
    path = Path(file)
    check_language(language)
    if passage not in PASSAGES:
        raise InputError(f"unknown passage {passage!r}", where="benchmark.passage", fix=f"one of {', '.join(PASSAGES)}")
    if not path.is_file():
        raise InputError("no such file", where=str(path), fix="set benchmark.file to a file in the SQuAD format")
    candidates: dict[str, int] = {}
    asked: list[tuple[str, str, int]] = []  # id, question, candidate
    for paragraph in _paragraphs(path):
        passages = _passages(paragraph, passage)
        rows = [candidates.setdefault(each.text.strip(), len(candidates)) for each in passages]
        for question in paragraph.questions:
            found = 0 if passage == "paragraph" else _find(passages, question)
            if found is not None:
                asked.append((question.id, question.text, rows[found]))
    if not asked:
        raise InputError(
            "no answer is located in its paragraph", where=str(path), fix="use benchmark.passage=paragraph"
        )
    answers = np.array([row for *_, row in asked], np.int32)
    return Benchmark(
        name=name or f"squad-{path.name.partition('.json')[0]}",
        languages=(language,),
        queries=_texts([ident for ident, *_ in asked], [text for _, text, _ in asked]),
        candidates=_texts([f"p{row}" for row in range(len(candidates))], list(candidates)),
        judgements=Judgements(np.arange(len(asked), dtype=np.int32), answers, np.ones(len(asked), np.int16)),
        concept=np.arange(len(asked), dtype=np.int32),
        metrics=tuple(metrics),
        headline=leading(metrics),
        template=f"{{{passage}}}",
        sources={path.name: file_sha256(path, Path(cache_dir))},
        settings=("monolingual",),
    )


def _paragraphs(path: Path) -> Iterator[Paragraph]:
    for article in read_squad(path).articles:
        yield from article.paragraphs


def _passages(paragraph: Paragraph, unit: str) -> Sequence[Sentence]:
    """What a paragraph adds to the pool, with places; the whole of it counts as one sentence."""
    if unit == "paragraph":
        return [Sentence(0, len(paragraph.context), paragraph.context)]
    sentences = split_sentences(paragraph.context) if paragraph.sentences is None else paragraph.sentences
    return [sentence for sentence in sentences if sentence.text.strip()]


def _find(sentences: Sequence[Sentence], question: Question) -> int | None:
    return None if question.answer_start is None else find_sentence(sentences, question.answer_start)


def _texts(ids: list[str], texts: list[str]) -> TextSet:
    return TextSet(ids, texts, np.zeros(len(ids), np.int16))
