"""Which of the texts are the same, in any language: a negative must not be its question's answer under another id."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from src.data.components import connected
from src.data.texts import ParallelTexts

READ = 65_536  # texts at once


def same_texts(texts: ParallelTexts, ids: NDArray[np.integer]) -> NDArray[np.int32]:
    """[ids] the place among `ids` of the first that each is the same as.

    The same are ids that the data count as one text, and ids whose texts are equal in some language: readers need not
    group those, and the mined data's own reader will.
    """
    equal = (_equal(texts, ids, language) for language in range(len(texts.languages)))
    return connected(len(ids), [texts.identity(ids).tolist(), *equal])


def _equal(texts: ParallelTexts, ids: NDArray[np.integer], language: int) -> list[int | None]:
    """[ids] a number for each text that occurs more than once in a language, None for any other."""
    places = np.flatnonzero(texts.held(language)[ids])
    _, number, count = np.unique(_hashes(texts, ids[places], language), return_inverse=True, return_counts=True)
    labels: list[int | None] = [None] * len(ids)
    for place in np.flatnonzero(count[number] > 1).tolist():
        labels[int(places[place])] = int(number[place])
    return labels


def _hashes(texts: ParallelTexts, ids: NDArray[np.integer], language: int) -> NDArray[np.uint64]:
    """[ids] 64 bits of each text's hash, which take less room than the texts."""
    hashes = np.empty(len(ids), np.uint64)
    for start in range(0, len(ids), READ):
        some = ids[start : start + READ]
        for place, text in enumerate(texts.get(some, np.full(len(some), language)), start=start):
            hashes[place] = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
    return hashes
