"""Pseudo-random permutations evaluated where they are asked for: 40 million concepts in 9 languages, nothing stored."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from src.sampling.streams import GOLDEN, mix

ROUNDS = 12
HALF = np.uint64(32)


def permute(position: ArrayLike, size: ArrayLike, key: ArrayLike) -> NDArray[np.int64]:
    """Images of `position` under the permutation of range(size) that `key` names; the arguments broadcast.

    A Feistel network over mixed radix, `rows * columns >= size`, walking on while outside range(size) (Black and
    Rogaway, "Ciphers with Arbitrary Finite Domains", CT-RSA 2002). The grid exceeds `size` by less than one column,
    so walking is rare.
    """
    arguments = np.broadcast_arrays(position, size, key)
    image, limit, keys = (np.ravel(argument).astype(np.uint64) for argument in arguments)
    rows = np.ceil(np.sqrt(limit)).astype(np.uint64)
    columns = (limit + rows - np.uint64(1)) // rows
    image = _encipher(image, rows, columns, keys)
    outside = np.flatnonzero(image >= limit)
    while outside.size:
        image[outside] = _encipher(image[outside], rows[outside], columns[outside], keys[outside])
        outside = outside[image[outside] >= limit[outside]]
    return image.astype(np.int64).reshape(arguments[0].shape)


def _encipher(
    place: NDArray[np.uint64], rows: NDArray[np.uint64], columns: NDArray[np.uint64], key: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    row, column = place // columns, place % columns
    for _ in range(ROUNDS // 2):
        row = _turn(row, rows, column + key)
        key = key + GOLDEN
        column = _turn(column, columns, row + key)
        key = key + GOLDEN
    return row * columns + column


def _turn(half: NDArray[np.uint64], size: NDArray[np.uint64], word: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """`half` moved on, modulo its size, by a number in range(size) that the hash of `word` gives."""
    moved = half + ((mix(word) >> HALF) * size >> HALF)
    return moved - size * (moved >= size)
