"""Mining: passages are encoded once, questions block by block, and only the negatives chosen are kept in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from src.data.training_data import TrainingData
from src.errors import InputError
from src.evaluation.benchmark import Benchmark, Judgements, TextSet
from src.evaluation.encoding import Encoding, encode_candidates, encode_queries
from src.evaluation.searched import Asked, Searched
from src.mining.block import Block
from src.mining.choose import Mined, admitted, chosen, gathered
from src.mining.concepts import Concepts, concepts_of
from src.mining.judge import Sightings, sight
from src.mining.pool import Known, Pool, read_pool, texts_of
from src.mining.progress import MiningProgress
from src.mining.settings import Mining
from src.retrieval.embeddings import Embeddings
from src.retrieval.exact import ExactSearch
from src.retrieval.search import NONE, Search

if TYPE_CHECKING:
    from src.encoder.dual_encoder import DualEncoder

QUERIES = 16_384  # searched with at once


@dataclass(frozen=True, eq=False)
class Sources:
    """All that is looked at before a text is encoded."""

    data: TrainingData
    concepts: Concepts
    pool: Pool
    known: Known
    languages: list[int]  # that ask


@dataclass(eq=False)
class Tally:
    """What was seen by query language: how much there was to choose from."""

    queries: NDArray[np.int64]
    candidates: NDArray[np.int64]  # in the ranks
    over: NDArray[np.int64]  # of those, how many scored above what the margin allows
    recalls: list[float] = field(default_factory=list)  # of an approximate search

    @property
    def recall(self) -> float:
        """The mean share of the exact best that an approximate search found."""
        return float(np.mean(self.recalls))


def sources_of(data: TrainingData, mining: Mining) -> Sources:
    """InputError where the data cannot be mined with these options."""
    languages = mining.asking(data.train.languages)
    if not len(data.train):
        raise InputError(f"{data.name} has no concept to train on", where="dataset")
    pool, known = read_pool(data)
    others = len(np.unique(pool.identity)) - 1
    if mining.first > others:
        what = f"ranks begin with {mining.first}, and a question has at most {others} passages that do not answer it"
        raise InputError(what, where="ranks", fix=f"ranks=[1,{min(others, mining.last)}]")
    return Sources(data, concepts_of(data.train), pool, known, languages)


def mine(
    encoder: DualEncoder, sources: Sources, mining: Mining, search: Search, encoding: Encoding
) -> tuple[Mined, Tally]:
    """The negatives of every training concept."""
    questions = np.unique(sources.concepts.question)
    by_question = np.argsort(sources.concepts.question, kind="stable")
    tally = Tally(*np.zeros((3, len(sources.data.train.languages)), np.int64))
    progress = MiningProgress(len(questions))
    kept: list[Sightings] = []
    for number, block in enumerate(_blocks(encoder, sources, questions, search, encoding)):
        if search.approximate and not number:
            tally.recalls = _recalls(block, mining)
        sightings = sight(block, block.rank(mining), sources.concepts, by_question, mining)
        _count(tally, block, sightings, mining)
        kept.append(chosen(admitted(sightings, mining), sources.concepts, mining))
        progress(len(np.unique(block.question)))
    mined = gathered(kept, len(sources.concepts))
    _check_found(mined, tally)
    return mined, tally


def _blocks(
    encoder: DualEncoder, sources: Sources, questions: NDArray[np.int32], search: Search, encoding: Encoding
) -> Iterator[Block]:
    """Questions with all their languages, as many at once as fit."""
    corpus: Embeddings | None = None
    step = max(1, QUERIES // len(sources.languages))
    for start in range(0, len(questions), step):
        some = questions[start : start + step]
        queries, place = texts_of(sources.data.questions, some, sources.languages, "q")
        if not len(queries):
            continue
        benchmark = _benchmark(sources, queries, some[place])
        if corpus is None:
            corpus = encode_candidates(encoder, benchmark, encoding)
        vectors = encode_queries(encoder, benchmark, encoding, progress=False)
        searched = Searched(benchmark, vectors, corpus, search)
        yield Block(searched, some[place], queries.language, sources.pool, sources.known)


def _benchmark(sources: Sources, queries: TextSet, question: NDArray[np.int32]) -> Benchmark:
    """Queries and passages as what can be encoded and searched; one known answer stands for all, which `Known` has."""
    first = np.array([0], np.int32)
    return Benchmark(
        name=f"{sources.data.name}[mining]",
        languages=sources.data.train.languages,
        queries=queries,
        candidates=sources.pool.candidates,
        judgements=Judgements(first, first, np.ones(1, np.int16)),
        concept=question,
        metrics=("R@1",),
        headline="R@1",
        template="{passage}",
    )


def _recalls(block: Block, mining: Mining) -> list[float]:
    """Of a sample of queries in each of their pools, the share of the exact best that the search finds."""
    recalls: list[float] = []
    rng = np.random.Generator(np.random.Philox(0))
    for language in np.unique(block.pool.candidates.language).tolist():
        asking = np.flatnonzero(mining.looks_in(block.language, language))
        if len(asking):
            sample = rng.choice(asking, min(len(asking), block.searched.search.recall_queries), replace=False)
            asked = Asked(sample, language)
            found = block.searched.top(asked, mining.last).row
            exact = block.searched.top(asked, mining.last, ExactSearch()).row
            recalls += [
                float(np.isin(best[best != NONE], seen).mean()) for best, seen in zip(exact, found, strict=True)
            ]
    return recalls


def _count(tally: Tally, block: Block, sightings: Sightings, mining: Mining) -> None:
    languages = len(tally.queries)
    inside = sightings.rank >= mining.first
    tally.queries += np.bincount(block.language, minlength=languages)
    tally.candidates += np.bincount(sightings.query_language[inside], minlength=languages)
    tally.over += np.bincount(sightings.query_language[inside & sightings.over], minlength=languages)


def _check_found(mined: Mined, tally: Tally) -> None:
    if len(mined.negatives):
        return
    seen, over = int(tally.candidates.sum()), int(tally.over.sum())
    raise InputError(
        f"no question has a negative: of {seen:,} candidates in the ranks, {over:,} score above what the margin allows",
        where="ranks, max_share_of_positive, margin",
        fix="widen the ranks, or raise max_share_of_positive, or mine with an encoder that finds the positives",
    )
