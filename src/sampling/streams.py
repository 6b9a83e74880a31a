"""Independent random streams, each with its own name, that answer at any place without the places before."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import ArrayLike, NDArray

GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def stream_key(seed: int, *names: str) -> int:
    """The 64-bit key of the stream called `names`; streams of other names or seeds share nothing with it."""
    return int.from_bytes(hashlib.blake2b(repr((seed, *names)).encode(), digest_size=8).digest(), "little")


def generator(key: int, block: int) -> np.random.Generator:
    """A generator for one block of a stream (Philox counts, so blocks need no common history)."""
    return np.random.Generator(np.random.Philox(key=np.array([key, block], dtype=np.uint64)))


def mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A bijective 64-bit hash: the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def hashed(key: int | NDArray[np.uint64], counter: ArrayLike) -> NDArray[np.uint64]:
    """The 64-bit word at each counter of a stream."""
    return mix(np.asarray(key, dtype=np.uint64) + np.atleast_1d(counter).astype(np.uint64) * GOLDEN)


def uniform(key: int, counter: ArrayLike) -> NDArray[np.float64]:
    """A number in [0, 1 - 2**-32] at each counter of a stream."""
    return (hashed(key, counter) >> np.uint64(32)).astype(np.float64) * 2.0**-32
