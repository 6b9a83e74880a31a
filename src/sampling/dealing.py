"""Deals concepts to batches: each deck (of a language, say) goes through its own shuffled concepts, epoch after epoch.

Batches are dealt in windows of steps. A window follows from counts alone, so it needs none of those before it. Two rows
of a batch may then hold one concept, dealt from two decks or from two epochs of one. Such a row exchanges its
concept with a row of the same deck and epoch in another batch of the window, so every epoch keeps its concepts; and
since an epoch may begin or end at a window's edge, what is left over is exchanged in windows shifted by half. Where
both fail, with batches of the order of the number of concepts, another concept of the deck stands in: no batch
holds a concept twice, ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from src.data.pair_index import PairIndex
from src.sampling.deck import Deck
from src.sampling.layout import Layout
from src.sampling.permutation import permute
from src.sampling.recent import Recent
from src.sampling.settling import repeats, settle
from src.sampling.streams import generator, hashed, stream_key

EPOCHS = 1 << 40  # more than any deck begins


class Hand(NamedTuple):
    """The batches of some consecutive steps, each array [steps, batch size]."""

    deal: NDArray[np.int64]  # deck * EPOCHS + epoch of that deck: rows of one deal hold different concepts
    concept: NDArray[np.int64]


class Dealt(NamedTuple):
    """The same, final."""

    deck: NDArray[np.int64]
    concept: NDArray[np.int64]
    replaced: NDArray[np.bool_]  # the concept stands in for the one that the epoch held for this row


class Dealer:
    """Batches of (deck, concept): a pure function of the arguments and of the window asked for."""

    def __init__(
        self,
        index: PairIndex,
        decks: Sequence[Deck],
        layout: Layout,
        seed: int,
        name: str,
    ) -> None:
        self.steps = layout.steps
        self._index, self._layout = index, layout
        self._decks = [deck.members for deck in decks]
        self._sizes = np.array([deck.count for deck in self._decks])
        self._orders = np.array([stream_key(seed, name, "order", deck.name) for deck in decks], dtype=np.uint64)
        self._exchanges = [stream_key(seed, name, "exchange", stage) for stage in ("aligned", "shifted")]
        self._spares = stream_key(seed, name, "spare")
        self._aligned = Recent(self._deal_aligned)

    def locate(self, step: int) -> tuple[int, int]:
        """The window that `deal` deals a step in, and the step's place there."""
        half = self.steps // 2
        window = (step + half) // self.steps
        return window, step - max(0, window * self.steps - half)

    def deal(self, window: int) -> Dealt:
        """The steps from half a window before step `window * steps`, or from 0, to half a window after it."""
        half = self.steps // 2
        hand = Hand(*(field[:half] for field in self._aligned(window)))
        if window > 0:
            earlier = (field[half:] for field in self._aligned(window - 1))
            hand = Hand(*map(np.concatenate, zip(earlier, hand, strict=True)))
        return self._replace(_exchange(hand, hand.concept[..., None], generator(self._exchanges[1], window)), window)

    def _deal_aligned(self, window: int) -> Hand:
        """The steps from `window * steps` on, settled among themselves."""
        hand = self._draw(window)
        ids = np.stack([hand.concept, self._index.passage[hand.concept], self._index.question[hand.concept]], axis=-1)
        return _exchange(hand, ids, generator(self._exchanges[0], window))

    def _draw(self, window: int) -> Hand:
        """The next concepts of each deck, as often as it is drawn; a batch may hold a concept twice."""
        deck, ordinal = self._layout.read(window)
        size, run = self._sizes[deck], self._layout.run
        epoch, position = np.divmod(ordinal, size // run * run)  # an epoch drops what fills no run
        concept = permute(position, size, hashed(self._orders[deck], epoch))
        for each in np.unique(deck):
            here = deck == each
            concept[here] = self._decks[each].select(concept[here])
        return Hand(deck * EPOCHS + epoch, concept)

    def _replace(self, hand: Hand, window: int) -> Dealt:
        """Let stand-ins take the place of concepts that an earlier row of the batch holds."""
        deck, concept, replaced = hand.deal // EPOCHS, hand.concept, np.zeros(hand.concept.shape, dtype=bool)
        rng = generator(self._spares, window)
        for step in np.flatnonzero(repeats(concept)):
            replaced[step] = True
            replaced[step, np.unique(concept[step], return_index=True)[1]] = False
            for row in np.flatnonzero(replaced[step]):
                concept[step, row] = self._unused(deck[step, row], concept[step], rng)
        return Dealt(deck, concept, replaced)

    def _unused(self, number: int, batch: NDArray[np.int64], rng: np.random.Generator) -> int:
        """A concept of the deck that the batch lacks: it holds fewer than `batch size` different ones."""
        deck = self._decks[number]
        candidates = deck.select(permute(np.arange(len(batch)), deck.count, rng.integers(2**63)))
        return int(candidates[~np.isin(candidates, batch)][0])


def _exchange(hand: Hand, ids: NDArray[np.integer], rng: np.random.Generator) -> Hand:
    order = settle(ids, hand.deal, rng)
    return Hand(hand.deal, hand.concept.ravel()[order].reshape(hand.concept.shape))
