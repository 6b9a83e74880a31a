"""Which texts of a benchmark are in the training data, in memory that does not grow with either.

The side that has fewer texts is indexed, block by block, and the other is streamed past each block.
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from src.zero_shot.candidates import Buckets
from src.zero_shot.grams import grams_of, jaccard
from src.zero_shot.normal import normalised
from src.zero_shot.sides import BenchmarkTexts, Side, TrainingTexts
from src.zero_shot.signatures import Banding, banding
from src.zero_shot.sketch import Sketches, ahead, joined, sketch

log = logging.getLogger(__name__)

BLOCK = 500_000  # texts indexed at once, about 0.8 KB each with signatures
BLOCK_OF_HASHES = 16_000_000  # where only exact copies are looked for: 30 bytes each
TEXTS = 1024  # pairs whose texts are in memory at once
EVERY = 30.0  # seconds between two lines of progress


@dataclass(frozen=True, eq=False)
class Found:
    """Of each text of a benchmark the first training text that is its copy or, where none is, its near-duplicate."""

    exact: NDArray[np.bool_]
    similarity: NDArray[np.float32]  # of the n-gram sets; 1 where exact, 0 where nothing was found
    match: NDArray[np.int64]  # number of the training text; -1 where nothing was found

    @property
    def near(self) -> NDArray[np.bool_]:
        """Exact copies and near-duplicates together."""
        return self.match >= 0

    def part(self, start: int, stop: int) -> Found:
        """Of some consecutive texts."""
        return Found(self.exact[start:stop], self.similarity[start:stop], self.match[start:stop])


def find(
    sets: Sequence[Sequence[str]], training: TrainingTexts, similarity: float | None, block: int | None = None
) -> list[Found]:
    """Compare the texts of all benchmarks, of each set for itself but at once: the training data may be the larger.

    With no `similarity` only exact copies are looked for. The block's size changes no result.
    """
    bands = None if similarity is None else banding(similarity)
    size = block or (BLOCK_OF_HASHES if bands is None else BLOCK)
    benchmark = BenchmarkTexts(sets)
    search = _Search(benchmark, training, similarity or 1.0, bands)
    turned = training.pieces < benchmark.pieces
    indexed, streamed = (training, benchmark) if turned else (benchmark, training)
    for index in _blocks(indexed, bands, size):
        search.run(index.distinct() if turned else index, streamed, turned)
        del index  # before the next is made
    return [search.found.part(start, stop) for start, stop in pairwise(benchmark.starts.tolist())]


class _Search:
    """What was found so far, and how more is found."""

    def __init__(
        self, benchmark: BenchmarkTexts, training: TrainingTexts, similarity: float, bands: Banding | None
    ) -> None:
        self._benchmark, self._training = benchmark, training
        self._similarity, self._bands = similarity, bands
        count = benchmark.pieces
        self.found = Found(np.zeros(count, bool), np.zeros(count, np.float32), np.full(count, -1, np.int64))

    def run(self, index: Sketches, streamed: Side, turned: bool) -> None:
        """Stream one side past the indexed one, which is the training data where the sides are `turned`."""
        buckets = None if self._bands is None else Buckets(index.signatures, self._bands)
        done, said = 0, time.monotonic()
        for part in ahead(functools.partial(sketch, banding=self._bands), streamed.stream()):
            other = part if turned else part.distinct()
            self._exact(index, other, turned)
            if buckets is not None:
                self._near(buckets, index, other.only(~self.found.near[other.rows]) if turned else other, turned)
            done += len(part)
            if time.monotonic() - said > EVERY:
                said = time.monotonic()
                log.info(
                    "compared %s of about %s texts with %s", f"{done:,}", f"{streamed.pieces:,}", f"{len(index):,}"
                )

    def _exact(self, index: Sketches, other: Sketches, turned: bool) -> None:
        asked, indexed = index.by_hash.expand(*index.by_hash.ranges(other.hashes))
        one, two = index.rows[indexed], other.rows[asked]
        benchmark, training = (two, one) if turned else (one, two)
        new = ~self.found.exact[benchmark]
        self.found.match[benchmark[new]] = training[new]
        self.found.exact[benchmark[new]] = True
        self.found.similarity[benchmark[new]] = 1

    def _near(self, buckets: Buckets, index: Sketches, other: Sketches, turned: bool) -> None:
        for pairs in buckets.pairs(other.signatures):
            one, two = index.rows[index.long[pairs.indexed]], other.rows[other.long[pairs.asked]]
            benchmark, training = (two, one) if turned else (one, two)
            order = np.lexsort((training, benchmark))
            self._verify(benchmark[order], training[order])

    def _verify(self, benchmark: NDArray[np.int64], training: NDArray[np.int64]) -> None:
        """Look at pairs of texts, ordered by both, until each benchmark text has one that is similar enough."""
        width = 1  # pairs of each text that are looked at together
        while True:
            open_ = ~self.found.near[benchmark]
            benchmark, training = benchmark[open_], training[open_]
            if not len(benchmark):
                return
            starts = np.flatnonzero(np.diff(benchmark, prepend=-1))
            rank = np.arange(len(benchmark)) - np.repeat(starts, np.diff(starts, append=len(benchmark)))
            now = rank < width
            self._keep(benchmark[now], training[now], self._similarities(benchmark[now], training[now]))
            benchmark, training, width = benchmark[~now], training[~now], 4 * width

    def _similarities(self, benchmark: NDArray[np.int64], training: NDArray[np.int64]) -> NDArray[np.float32]:
        values: list[float] = []
        for start in range(0, len(benchmark), TEXTS):
            part = slice(start, start + TEXTS)
            ones, others = (
                grams_of([normalised(text) for text in side.get(rows[part])])
                for side, rows in ((self._benchmark, benchmark), (self._training, training))
            )
            values += [jaccard(ones.of(pair), others.of(pair)) for pair in range(len(ones))]
        return np.array(values, np.float32)

    def _keep(self, benchmark: NDArray[np.int64], training: NDArray[np.int64], values: NDArray[np.float32]) -> None:
        """The first pair of each benchmark text that is similar enough."""
        good = np.flatnonzero(values >= np.float32(self._similarity))
        first = good[np.unique(benchmark[good], return_index=True)[1]]
        self.found.similarity[benchmark[first]] = values[first]
        self.found.match[benchmark[first]] = training[first]


def _blocks(side: Side, bands: Banding | None, size: int) -> Iterator[Sketches]:
    """Sketches of about `size` texts at a time."""
    parts: list[Sketches] = []
    for part in ahead(functools.partial(sketch, banding=bands), side.stream()):
        parts.append(part)
        if sum(map(len, parts)) >= size:
            block, parts = joined(parts), []
            yield block
            del block
    if parts:
        yield joined(parts)
