"""The audit of a benchmark or a suite, and its short form for each training run's record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
from src.zero_shot.sides import BenchmarkTexts, TrainingTexts, training_passages, training_questions

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
    questions, passages = training_questions(data), training_passages(data, sentences=sentences)
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
            each.name: _audited(each, questions, passages, similarity, listed, block)
            for each in benchmarks_of(benchmark)
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
    questions, passages = training_questions(data), training_passages(data, sentences=True)
    return {
        "measure": "exact normalised text",
        "benchmarks": {each.name: {"parts": _exact(each, questions, passages)} for each in benchmarks_of(benchmark)},
    }


def _exact(benchmark: Benchmark, questions: TrainingTexts, passages: TrainingTexts) -> dict[str, Any]:
    relevant = np.unique(benchmark.judgements.relevant.candidate)
    sides = {
        QUESTIONS: (BenchmarkTexts(benchmark.queries), questions),
        RELEVANT: (BenchmarkTexts(benchmark.candidates, relevant), passages),
    }
    return {
        part: counts(
            find(texts, training, None), np.ones(len(texts), bool), texts.language, benchmark.languages, near=False
        )
        for part, (texts, training) in sides.items()
    }


def _audited(
    benchmark: Benchmark,
    questions: TrainingTexts,
    passages: TrainingTexts,
    similarity: float | None,
    listed: int,
    block: int | None,
) -> dict[str, Any]:
    relevant = np.zeros(len(benchmark.candidates), bool)
    relevant[benchmark.judgements.relevant.candidate] = True
    asked = find(BenchmarkTexts(benchmark.queries), questions, similarity, block)
    pool = find(BenchmarkTexts(benchmark.candidates), passages, similarity, block)
    parts = {
        QUESTIONS: (benchmark.queries, questions, asked, np.ones(len(benchmark.queries), bool)),
        RELEVANT: (benchmark.candidates, passages, pool, relevant),
        OTHERS: (benchmark.candidates, passages, pool, ~relevant),
    }
    return {
        "fingerprint": benchmark.fingerprint,
        "parts": {
            part: counts(found, chosen, texts.language, benchmark.languages, near=similarity is not None)
            for part, (texts, _, found, chosen) in parts.items()
        },
        "overlaps": {
            part: [
                _overlap(int(row), texts, benchmark.languages, training, found)
                for row in _first(found.near & chosen, texts.language, listed)
            ]
            for part, (texts, training, found, chosen) in parts.items()
        },
    }


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
