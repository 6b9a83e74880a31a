"""A retrieval benchmark from the held-out concepts of a training data set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from src.data.distinct import distinct
from src.data.pair_index import PairIndex
from src.data.texts import ParallelTexts
from src.data.training_data import TrainingData
from src.errors import InputError
from src.evaluation.benchmark import Benchmark, Judgements, TextSet
from src.evaluation.measures import COMMON

Ids = NDArray[np.int64]


def benchmark_from_pairs(
    data: TrainingData,
    split: Literal["validation", "test"],
    *,
    pool: Literal["all", "split"] = "all",
    max_queries: int | None = None,
    max_candidates: int | None = None,
    seed: int = 0,
    metrics: Sequence[str] = COMMON,
    leads: Callable[[Ids], Sequence[str]] | None = None,
) -> Benchmark:
    """Ask the held-out questions, in every language that holds them, and look for their passages in every language.

    `pool`: "split" takes the split's own passages as candidates; "all" also those of training (and, for the test split,
    of validation), which are the hard distractors. Relevant are the passages of the question's concepts and whatever
    counts as the same text, in every language. `max_queries` draws questions with all their languages, and
    `max_candidates` keeps what is relevant and draws other passages with all their languages, both by `seed`.
    `leads` gives what stands before each question, such as an instruction, by id.
    """
    held_out, seen = _indices(data, split)
    rng = np.random.Generator(np.random.Philox(seed))
    asked = _draw(np.unique(held_out.question), data.questions, max_queries, rng)
    query, query_language = _texts_of(asked, data.questions)
    # The concepts of the questions asked, and what identity their passages have.
    concepts = np.flatnonzero(np.isin(held_out.question, asked))
    question = np.searchsorted(asked, held_out.question[concepts])
    identity = data.passages.identity(held_out.passage[concepts])

    pooled = [held_out, *seen] if pool == "all" else [held_out]
    everything = distinct((index.passage for index in pooled), len(data.passages))
    is_relevant = np.isin(data.passages.identity(everything), identity)
    answers, others = everything[is_relevant], everything[~is_relevant]
    room = _room(max_candidates, len(_texts_of(answers, data.passages)[0]))
    passages = np.sort(np.concatenate([answers, _draw(others, data.passages, room, rng)]))
    candidate, candidate_language = _texts_of(passages, data.passages)
    return Benchmark(
        name=f"{data.name}[{split}]",
        languages=data.questions.languages,
        queries=_text_set(query, query_language, data.questions, "q", leads),
        candidates=_text_set(candidate, candidate_language, data.passages, "p"),
        judgements=_judge(np.searchsorted(asked, query), question, identity, data.passages.identity(candidate)),
        concept=np.searchsorted(asked, query).astype(np.int32),
        metrics=tuple(metrics),
        headline=metrics[0],
        template="{passage}",
        sources=data.sources,
    )


def _indices(data: TrainingData, split: Literal["validation", "test"]) -> tuple[PairIndex, list[PairIndex]]:
    """The held-out concepts, and those that were seen before they are asked."""
    held_out = {"validation": data.validation, "test": data.test}[split]
    if held_out is None or not len(held_out):
        fix = "choose a dataset that holds concepts out, or another benchmark"
        raise InputError(f"{data.name} holds out no concepts for {split}", where="dataset", fix=fix)
    earlier = [data.train, data.validation] if split == "test" else [data.train]
    return held_out, [index for index in earlier if index is not None]


def _held(ids: NDArray[np.integer], texts: ParallelTexts) -> NDArray[np.bool_]:
    """Whether each language holds each id [ids, languages]."""
    return np.stack([texts.held(language)[ids] for language in range(len(texts.languages))], axis=1)


def _texts_of(ids: NDArray[np.integer], texts: ParallelTexts) -> tuple[Ids, Ids]:
    """Ids and languages of all texts of some ids, sorted by language and then as given."""
    language, place = np.nonzero(_held(ids, texts).T)
    return ids[place].astype(np.int64), language


def _draw(
    ids: NDArray[np.integer], texts: ParallelTexts, most: int | None, rng: np.random.Generator
) -> NDArray[np.integer]:
    """Ids, ascending, whose texts number at most `most`: all of them if they are that few, else drawn at random."""
    count = _held(ids, texts).sum(axis=1)
    if most is None or count.sum() <= most:
        return ids
    order = rng.permutation(len(ids))
    return np.sort(ids[order[np.cumsum(count[order]) <= most]])


def _room(max_candidates: int | None, relevant: int) -> int | None:
    if max_candidates is None:
        return None
    if max_candidates < relevant:
        raise InputError(
            f"max_candidates {max_candidates} leaves out some of the {relevant} relevant passages",
            where="max_candidates",
            fix=f"allow at least {relevant}, or lower max_queries",
        )
    return max_candidates - relevant


def _text_set(
    ids: Ids,
    language: Ids,
    texts: ParallelTexts,
    kind: str,
    leads: Callable[[Ids], Sequence[str]] | None = None,
) -> TextSet:
    names = [
        f"{texts.languages[code]}_{kind}{number}" for number, code in zip(ids.tolist(), language.tolist(), strict=True)
    ]
    written = texts.get(ids, language)
    if leads is not None:
        written = [lead + text for lead, text in zip(leads(ids), written, strict=True)]
    return TextSet(names, written, language.astype(np.int16))


def _judge(query: Ids, question: Ids, identity: NDArray[np.int32], candidate: NDArray[np.int32]) -> Judgements:
    """Every query with every candidate whose identity is that of a passage of its question.

    `query` [queries] is the question of each; `question` and `identity` [concepts] say which passages answer which
    questions; `candidate` [candidates] is the identity of each.
    """
    concept, query_of = _matches(question, query)
    candidate_of, match = _matches(candidate, identity[concept])
    pairs = np.unique(np.stack([query_of[match], candidate_of], axis=1), axis=0)
    return Judgements(pairs[:, 0].astype(np.int32), pairs[:, 1].astype(np.int32), np.ones(len(pairs), dtype=np.int16))


def _matches(keys: NDArray[np.integer], wanted: NDArray[np.integer]) -> tuple[Ids, Ids]:
    """All pairs (i, j) with keys[i] == wanted[j], by j."""
    order = np.argsort(keys, kind="stable")
    first = np.searchsorted(keys[order], wanted, side="left")
    count = np.searchsorted(keys[order], wanted, side="right") - first
    which = np.repeat(np.arange(len(wanted)), count)
    within = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    return order[first[which] + within], which
