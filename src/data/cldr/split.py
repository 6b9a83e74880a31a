"""The fixed split of the facts into training, validation and test."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from src.data.cldr.facts import Fact

SPLIT_SEED = 1  # of the data, not of a run: every run is scored on the same facts
HELD_OUT = 0.2  # share of the facts in validation, and again in test


class Split(NamedTuple):
    """Fact ids, ascending; every fact is in one part."""

    train: NDArray[np.int32]
    validation: NDArray[np.int32]
    test: NDArray[np.int32]


def split(facts: Sequence[Fact]) -> Split:
    """Hold out combinations of entity and relation: no held-out fact is trained on, but every entity of one is.

    Facts are put in the order of a seeded hash; the first of each entity is for training, the next ones are tested.
    """
    order = sorted(range(len(facts)), key=lambda fact: _hash(facts[fact]))
    met: set[tuple[str, str]] = set()
    anchors: list[int] = []
    free: list[int] = []
    for fact in order:
        entity = (facts[fact].kind, facts[fact].entity)
        (free if entity in met else anchors).append(fact)
        met.add(entity)
    size = round(HELD_OUT * len(facts))
    parts = (anchors + free[2 * size :], free[size : 2 * size], free[:size])
    return Split(*(np.sort(np.array(part, np.int32)) for part in parts))


def _hash(fact: Fact) -> bytes:
    return hashlib.blake2b(f"{SPLIT_SEED}/{fact.key}".encode(), digest_size=16).digest()
