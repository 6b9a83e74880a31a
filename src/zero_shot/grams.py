"""Character n-grams of texts, hashed: of any script, whether it has spaces between words or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LENGTH, SHORT = 4, 2  # characters in a gram; in one that begins with an ideograph, a kana or a Hangul syllable
DENSE = ((0x3040, 0xA000), (0xAC00, 0xD7B0), (0x20000, 0x40000))  # code points of those: each says as much as several
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplying loses nothing


@dataclass(frozen=True, eq=False)
class Grams:
    """Ragged: text t owns `values[offsets[t]:offsets[t + 1]]`, one gram for each place in it, repeats included."""

    values: NDArray[np.uint64]
    offsets: NDArray[np.int64]  # [texts + 1]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def counts(self) -> NDArray[np.int64]:
        """[texts] grams of each."""
        return np.diff(self.offsets)

    def of(self, text: int) -> NDArray[np.uint64]:
        """The set of one text's grams, sorted."""
        return np.unique(self.values[self.offsets[text] : self.offsets[text + 1]])

    def select(self, texts: NDArray[np.bool_]) -> Grams:
        """Those of some texts."""
        counts = self.counts
        return Grams(self.values[np.repeat(texts, counts)], np.concatenate([[0], np.cumsum(counts[texts])]))


def grams_of(texts: Sequence[str]) -> Grams:
    """The grams of normalised texts; grams never reach from one text into the next."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    characters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), "<u4")
    ends = np.cumsum(lengths)
    dense = np.zeros(len(characters), bool)
    for first, last in DENSE:
        dense |= (characters >= first) & (characters < last)
    left = np.repeat(ends, lengths) - np.arange(len(characters))  # characters of the text from here on
    fits = left >= np.where(dense, SHORT, LENGTH)
    counts = np.add.reduceat(np.append(fits, False), ends - lengths, dtype=np.int64) if len(texts) else lengths
    offsets = np.concatenate([[0], np.cumsum(np.where(lengths > 0, counts, 0))])
    return Grams(_hash(characters, dense)[fits], offsets)


def jaccard(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> float:
    """|A n B| / |A u B| of two sorted sets."""
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared)


def _hash(characters: NDArray[np.uint32], dense: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """[characters] the gram that begins at each."""
    padded = np.concatenate([characters.astype(np.uint64), np.zeros(LENGTH, np.uint64)])
    value = padded[: len(characters)]
    for place in range(1, LENGTH):
        following = padded[place : place + len(characters)]
        if place >= SHORT:
            following = np.where(dense, np.uint64(0), following)
        value = (value ^ (value >> np.uint64(29))) * MULTIPLIER + following
    return (value ^ (value >> np.uint64(32))) * MULTIPLIER
