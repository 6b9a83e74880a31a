"""Chooses the language of the passage for questions that are to be answered in another language."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def other_language_weights(
    held: NDArray[np.unsignedinteger], query_language: NDArray[np.int64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Weights [rows, languages] of the languages that hold a row's passage, other than its question's language."""
    languages = np.arange(len(weights))
    usable = (held[:, None] >> languages.astype(held.dtype)) & held.dtype.type(1) != 0
    usable &= languages != query_language[:, None]
    return usable * weights


def draw(weights: NDArray[np.float64], uniform: NDArray[np.float64]) -> NDArray[np.int64]:
    """One column per row, in proportion to its weights, by a number in [0, 1) per row."""
    reached = np.cumsum(weights, axis=1)
    return (reached <= uniform[:, None] * reached[:, -1:]).sum(axis=1)
