"""What is kept of texts to compare them: a few hundred bytes each, whatever their lengths."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from os import cpu_count
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from src.zero_shot.grams import grams_of
from src.zero_shot.join import Sorted
from src.zero_shot.normal import hashes, normalised
from src.zero_shot.sides import Chunk
from src.zero_shot.signatures import TOGETHER, Banding, signatures

FEWEST = 10  # grams; a shorter text is compared as a whole only
WORKERS = min(4, cpu_count() or 1)  # numpy computes signatures beside Python's normalising of other texts

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class Sketches:
    """Hashes of texts and, unless only exact copies are looked for, signatures of those that are long enough."""

    rows: NDArray[np.int64]  # [texts] the numbers that their side knows them by
    hashes: NDArray[np.uint64]  # [texts]
    long: NDArray[np.int64]  # [signed] places of the texts with a signature
    signatures: NDArray[np.uint32]  # [signed, functions]

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def by_hash(self) -> Sorted:
        """The hashes, sorted."""
        return Sorted.of(self.hashes)

    def only(self, kept: NDArray[np.bool_]) -> Sketches:
        """The same without signatures of other texts."""
        chosen = kept[self.long]
        return Sketches(self.rows, self.hashes, self.long[chosen], self.signatures[chosen])

    def distinct(self) -> Sketches:
        """The first of each text that comes several times."""
        first = np.zeros(len(self), bool)
        first[np.unique(self.hashes, return_index=True)[1]] = True
        number = np.cumsum(first) - 1
        chosen = first[self.long]
        return Sketches(self.rows[first], self.hashes[first], number[self.long[chosen]], self.signatures[chosen])


def sketch(chunk: Chunk, banding: Banding | None) -> Sketches:
    """Sketches of the texts that have a letter or a digit; without signatures where there is no banding."""
    texts = [normalised(text) for text in chunk.texts]
    kept = [place for place, text in enumerate(texts) if text]
    texts = [texts[place] for place in kept]
    if banding is None:
        long, signed = np.zeros(0, np.int64), np.zeros((0, 0), np.uint32)
    else:
        long, signed = _sign(texts, banding.functions)
    return Sketches(chunk.rows[kept], hashes(texts), long, signed)


def joined(parts: Sequence[Sketches]) -> Sketches:
    """All texts of several chunks."""
    starts = np.cumsum([0, *map(len, parts)])
    return Sketches(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.hashes for part in parts]),
        np.concatenate([part.long + start for part, start in zip(parts, starts, strict=False)]),
        np.concatenate([part.signatures for part in parts]),
    )


def ahead(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """The results in order, a few of them made ahead in other threads."""
    with ThreadPoolExecutor(WORKERS) as pool:
        waiting: deque[Future[Result]] = deque()
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _sign(texts: Sequence[str], functions: int) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Places and signatures of the texts with enough grams."""
    places, signed = [np.zeros(0, np.int64)], [np.zeros((0, functions), np.uint32)]
    for start in range(0, len(texts), TOGETHER):
        grams = grams_of(texts[start : start + TOGETHER])
        enough = grams.counts >= FEWEST
        places.append(start + np.flatnonzero(enough))
        signed.append(signatures(grams.select(enough), functions))
    return np.concatenate(places), np.concatenate(signed)
