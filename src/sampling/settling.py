"""Exchanges concepts between batches until no batch holds one twice, nor, where it is easy, a passage or a question."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

COSTS = np.array([8, 1, 1])  # of a concept, passage, question held twice: nothing outweighs a concept
ROUNDS = 16  # of exchanges for everything
MORE_ROUNDS = 112  # of exchanges for concepts alone


def settle(ids: NDArray[np.integer], deal: NDArray[np.integer], rng: np.random.Generator) -> NDArray[np.int64]:
    """Who takes whose concept: row r of the flattened batches takes that of row `order[r]`.

    `ids` [batches, rows, kinds] are the concept and, optionally, its passage and its question. Rows of one `deal`
    [batches, rows] exchange among themselves only, so each deal keeps its concepts. In a round every crowded row
    proposes one random exchange, and those that lessen the crowding are made.
    """
    order = np.arange(deal.size)
    if not repeats(ids).any():
        return order
    seats, partners = _Seats(ids), _Partners(deal)
    for rounds in range(ROUNDS + MORE_ROUNDS):
        crowded = seats.crowded(kinds=ids.shape[-1] if rounds < ROUNDS else 1)
        if not crowded.size:
            break
        rows, mates = seats.choose(crowded, partners.draw(crowded, rng))
        seats.exchange(rows, mates)
        order[rows], order[mates] = order[mates], order[rows]
    return order


def repeats(ids: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Whether each batch holds an id twice, of any kind: ids [batches, rows] or [batches, rows, kinds]."""
    ordered = np.sort(ids, axis=1)
    return (ordered[:, 1:] == ordered[:, :-1]).any(axis=tuple(range(1, ids.ndim)))


class _Seats:
    """How many rows of each batch hold each concept, passage and question; one cell per batch and id."""

    def __init__(self, ids: NDArray[np.integer]) -> None:
        batches, rows, kinds = ids.shape
        names, width = np.empty((batches * rows, kinds), dtype=np.int64), 0
        for kind, values in enumerate(ids.reshape(-1, kinds).T):
            distinct, place = np.unique(values, return_inverse=True)
            names[:, kind] = width + place
            width += len(distinct)
        self._names = names
        self._batch = np.repeat(np.arange(batches) * width, rows)[:, None]  # each row's first cell
        self._counts = np.zeros(batches * width, dtype=np.int32)
        np.add.at(self._counts, (self._batch + names).ravel(), np.int32(1))  # an untyped 1 would be 20 times slower
        self._claims = np.empty_like(self._counts)

    def crowded(self, kinds: int) -> NDArray[np.int64]:
        """Rows that share one of their first `kinds` ids with another row of their batch."""
        return np.flatnonzero((self._counts[self._batch + self._names[:, :kinds]] > 1).any(axis=1))

    def choose(self, rows: NDArray[np.int64], mates: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Of the proposed exchanges those that lessen the crowding and touch no cell that another one touches."""
        left, joined = self._cells(rows, mates)
        fewer = (self._counts[left] > 1).astype(int) - (self._counts[joined] > 0)
        differ = (self._names[rows] != self._names[mates])[:, None]
        better = ((fewer * differ).sum(axis=1) @ COSTS[: self._names.shape[1]]) > 0
        cells = np.concatenate([left, joined], axis=1).reshape(len(rows), -1)[better]
        owner = np.arange(len(cells))[:, None]
        self._claims[cells] = owner
        alone = (self._claims[cells] == owner).all(axis=1)
        return rows[better][alone], mates[better][alone]

    def exchange(self, rows: NDArray[np.int64], mates: NDArray[np.int64]) -> None:
        """Let each row and its mate take each other's ids; exchanges share no cell."""
        left, joined = self._cells(rows, mates)
        for side in (0, 1):
            self._counts[left[:, side]] -= 1
            self._counts[joined[:, side]] += 1
        self._names[rows], self._names[mates] = self._names[mates], self._names[rows]

    def _cells(self, rows: NDArray[np.int64], mates: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Cells that a row and its mate leave, and those that they join: each [exchanges, 2, kinds]."""
        batch = np.stack([self._batch[rows], self._batch[mates]], axis=1)
        names = np.stack([self._names[rows], self._names[mates]], axis=1)
        return batch + names, batch + names[:, ::-1]


class _Partners:
    """Random rows of the same deal."""

    def __init__(self, deal: NDArray[np.integer]) -> None:
        _, self._deal, self._sizes = np.unique(deal.ravel(), return_inverse=True, return_counts=True)
        self._members = np.argsort(self._deal, kind="stable")
        self._first = np.cumsum(self._sizes) - self._sizes

    def draw(self, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """One partner for each row, possibly the row itself."""
        deal = self._deal[rows]
        return self._members[self._first[deal] + rng.integers(self._sizes[deal])]
