"""The audit of a benchmark or a suite, and its short form for each training run's record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from src.data.cache import cached_folder
from src.data.fingerprint import digest
from src.data.training_data import TrainingData
from src.errors import InputError
from src.evaluation.benchmark import Benchmark, TextSet
from src.evaluation.suite import Suite, benchmarks_of
from src.zero_shot.counts import OTHERS, QUESTIONS, RELEVANT, counts
from src.zero_shot.search import Found, find
from src.zero_shot.sides import Some, TrainingTexts, training_passages, training_questions

FORMAT = "overlap 1"  # part of each key: another way of comparing is another file
LEAST, MOST = 0.5, 0.95  # similarities that signatures of 128 values can search for


def overlap_section(data: TrainingData, benchmark: Benchmark | Suite, cache_dir: Path | None = None) -> dict[str, Any]:
    """Exact copies of a benchmark's questions and relevant passages in the training data, for a run's record.

    Sentences of training passages count. Texts are streamed; the rest of a pool, which may be trained on, is not read.
    With a `cache_dir` the same data and benchmark are compared once, not in every run of a sweep.
    """
    if cache_dir is None:
        return _section(data, benchmark)
    compared = [(each.name, each.fingerprint) for each in benchmarks_of(benchmark)]
    folder = cached_folder(
        Path(cache_dir) / "overlap" / digest(FORMAT, data.fingerprint, compared),
        lambda folder: (folder / "overlap.json").write_text(json.dumps(_section(data, benchmark))),
    )
    section: dict[str, Any] = json.loads((folder / "overlap.json").read_text())
    return section


def audit(
    data: TrainingData,
    benchmark: Benchmark | Suite,
    *,
    similarity: float | None,
    sentences: bool,
    listed: int,
    block: int | None = None,
) -> dict[str, Any]:
    """All that is found: counts by benchmark, part and language, and up to `listed` overlapping texts of each.

    With no `similarity` only exact copies are looked for; with `sentences` also in each sentence of training passages.
    """
    check_similarity(similarity)
    members = benchmarks_of(benchmark)
    questions, passages = training_questions(data), training_passages(data, sentences=sentences)
    asked = find([each.queries.texts for each in members], questions, similarity, block)
    pools = find([each.candidates.texts for each in members], passages, similarity, block)
    compared = [
        _parts(each, _Compared(questions, one), _Compared(passages, other))
        for each, one, other in zip(members, asked, pools, strict=True)
    ]
    return {
        "similarity": similarity,
        "sentences": sentences,
        "training": {
            "name": data.name,
            "fingerprint": data.fingerprint,
            "questions": len(questions),
            "passages": len(passages),
        },
        "benchmarks": {
            each.name: {
                "fingerprint": each.fingerprint,
                "parts": {
                    part.name: counts(
                        part.found, part.chosen, part.texts.language, each.languages, near=bool(similarity)
                    )
                    for part in parts
                },
                "overlaps": {part.name: _overlaps(part, each.languages, listed) for part in parts},
            }
            for each, parts in zip(members, compared, strict=True)
        },
    }


def check_similarity(similarity: float | None) -> None:
    """InputError for a similarity that cannot be searched for."""
    number = isinstance(similarity, (int, float)) and not isinstance(similarity, bool)
    if similarity is not None and not (number and LEAST <= similarity <= MOST):
        raise InputError(
            f"similarity must be a number from {LEAST} to {MOST}, or null, got {similarity!r}",
            where="similarity",
            fix="0.7; less takes longer and finds texts made from one template; null: exact copies only",
        )


def _section(data: TrainingData, benchmark: Benchmark | Suite) -> dict[str, Any]:
    members = benchmarks_of(benchmark)
    relevant = [np.unique(each.judgements.relevant.candidate) for each in members]
    answers = [Some(each.candidates.texts, rows) for each, rows in zip(members, relevant, strict=True)]
    asked = find([each.queries.texts for each in members], training_questions(data), None)
    answered = find(answers, training_passages(data, sentences=True), None)
    return {
        "measure": "exact normalised text",
        "benchmarks": {
            each.name: {
                "parts": {
                    QUESTIONS: _exact(one, each.queries.language, each.languages),
                    RELEVANT: _exact(other, each.candidates.language[rows], each.languages),
                }
            }
            for each, rows, one, other in zip(members, relevant, asked, answered, strict=True)
        },
    }


def _exact(found: Found, language: NDArray[np.integer], languages: tuple[str, ...]) -> dict[str, Any]:
    return counts(found, np.ones(len(language), bool), language, languages, near=False)


class _Compared(NamedTuple):
    training: TrainingTexts
    found: Found


class _Part(NamedTuple):
    name: str
    texts: TextSet
    chosen: NDArray[np.bool_]  # [texts] those of this part
    training: TrainingTexts
    found: Found


def _parts(benchmark: Benchmark, questions: _Compared, passages: _Compared) -> list[_Part]:
    relevant = np.zeros(len(benchmark.candidates), bool)
    relevant[benchmark.judgements.relevant.candidate] = True
    return [
        _Part(QUESTIONS, benchmark.queries, np.ones(len(benchmark.queries), bool), *questions),
        _Part(RELEVANT, benchmark.candidates, relevant, *passages),
        _Part(OTHERS, benchmark.candidates, ~relevant, *passages),
    ]


def _overlaps(part: _Part, languages: tuple[str, ...], listed: int) -> list[Mapping[str, Any]]:
    rows = _first(part.found.near & part.chosen, part.texts.language, listed)
    return [_overlap(int(row), part.texts, languages, part.training, part.found) for row in rows]


def _first(chosen: NDArray[np.bool_], language: NDArray[np.integer], listed: int) -> NDArray[np.int64]:
    """Up to `listed` rows of each language, in order."""
    rows = np.flatnonzero(chosen)
    each = [rows[language[rows] == number][:listed] for number in np.unique(language[rows])]
    return np.sort(np.concatenate([np.zeros(0, np.int64), *each]))


def _overlap(
    row: int, texts: TextSet, languages: tuple[str, ...], training: TrainingTexts, found: Found
) -> Mapping[str, Any]:
    match = int(found.match[row])
    language, number = training.place(match)
    return {
        "id": texts.ids[row],
        "language": languages[texts.language[row]],
        "exact": bool(found.exact[row]),
        "similarity": round(float(found.similarity[row]), 3),
        "text": texts.texts[row],
        "training": {"language": language, "id": number, "text": training.get(np.array([match]))[0]},
    }
