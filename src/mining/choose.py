"""From sightings to negatives: which passages may be one, and which of those are taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from src.mining.concepts import Concepts
from src.mining.judge import Sightings
from src.mining.settings import Mining


@dataclass(frozen=True, eq=False)
class Mined:
    """The negatives of each concept, ragged: concept c owns `offsets[c]` to before `offsets[c + 1]`, best first."""

    offsets: NDArray[np.int64]  # [concepts + 1]
    negatives: Sightings  # each one's best sighting

    @property
    def counts(self) -> NDArray[np.int64]:
        """[concepts] how many each has."""
        return np.diff(self.offsets)


def admitted(sightings: Sightings, mining: Mining) -> Sightings:
    """One sighting, its best, of each passage that may be a concept's negative; by concept, best first.

    The best rank over the question's languages must be among the ranks, and no query may score it above the margin: a
    passage that some language takes for an answer may be one.
    """
    s = sightings
    s = s.take(np.lexsort((-s.score, s.rank, s.identity, s.concept)))
    starts = np.ones(len(s), bool)
    starts[1:] = (s.concept[1:] != s.concept[:-1]) | (s.identity[1:] != s.identity[:-1])
    first = np.flatnonzero(starts)
    over = np.logical_or.reduceat(s.over, first) if len(first) else np.empty(0, bool)
    good = s.take(first[~over & (s.rank[first] >= mining.first)])
    return good.take(np.lexsort((good.row, -good.score, good.rank, good.concept)))


def chosen(candidates: Sightings, concepts: Concepts, mining: Mining) -> Sightings:
    """At most `mining.negatives` of each concept's: the first, or drawn at random by seed, question and passage."""
    edges = np.flatnonzero(np.diff(candidates.concept)) + 1
    groups = np.split(np.arange(len(candidates)), edges) if len(candidates) else []
    return candidates.take(np.concatenate([np.empty(0, np.int64), *_drawn(groups, candidates, concepts, mining)]))


def gathered(parts: Sequence[Sightings], concepts: int) -> Mined:
    """All blocks' negatives by concept."""
    names = Sightings.__dataclass_fields__
    whole = Sightings(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
    whole = whole.take(np.argsort(whole.concept, kind="stable"))
    counts = np.bincount(whole.concept, minlength=concepts)
    return Mined(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), whole)


def _drawn(
    groups: Sequence[NDArray[np.int64]], candidates: Sightings, concepts: Concepts, mining: Mining
) -> Iterator[NDArray[np.int64]]:
    for group in groups:
        if mining.draw == "top" or len(group) <= mining.negatives:
            yield group[: mining.negatives]
            continue
        concept = candidates.concept[group[0]]
        seed = [mining.seed, int(concepts.question[concept]), int(concepts.passage[concept])]
        yield np.sort(np.random.default_rng(seed).choice(group, mining.negatives, replace=False))
