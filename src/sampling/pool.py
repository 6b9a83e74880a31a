"""One pool of concepts, all or a dataset's: decks dealt by a layout, and passages' languages drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from src.data.pair_index import PairIndex
from src.sampling.dealing import Dealer
from src.sampling.deck import ANOTHER, Deck
from src.sampling.layout import Layout
from src.sampling.pairing import draw, other_language_weights
from src.sampling.recent import Recent
from src.sampling.strategy import Rows, Strategy
from src.sampling.streams import stream_key, uniform

SAMPLE = 1 << 14  # concepts of a deck that its expected shares are measured on


class Pool(Strategy):
    """Batches from one pool: decks by the layout, concepts epoch by epoch, languages of passages as the deck says.

    `passage_shares` weigh the languages where a deck leaves the passage's open.
    """

    def __init__(
        self,
        index: PairIndex,
        decks: Sequence[Deck],
        layout: Layout,
        passage_shares: NDArray[np.float64],
        batch_size: int,
        seed: int,
        name: str,
    ) -> None:
        self.languages, self.batch_size = index.languages, batch_size
        self.decks, self.shares = decks, layout.shares
        self._index, self._passage_shares = index, passage_shares
        self._query, self._passage = np.array([(deck.query, deck.passage) for deck in decks]).T
        self._dealer = Dealer(index, decks, layout, seed=seed, name=name)
        self._pairing = stream_key(seed, name, "passage language")
        self._windows = Recent(self._plan_window)

    def plan(self, step: int) -> Rows:
        """Rows of one global batch: [batch_size, 3] concept, query language, passage language."""
        window, place = self._dealer.locate(step)
        return self._windows(window)[0][place].copy()

    def replaced(self, step: int) -> int:
        """How many of those rows hold a stand-in."""
        window, place = self._dealer.locate(step)
        return int(self._windows(window)[1][place])

    def expected(self) -> NDArray[np.float64]:
        """Share of rows by language pair: exact up to 16,384 concepts a deck, else measured on as many."""
        pairs = np.zeros((len(self.languages),) * 2)
        for deck, share in zip(self.decks, self.shares.tolist(), strict=True):
            if share and deck.passage == ANOTHER:
                pairs[deck.query] += share * self._answered(deck)
            elif share:
                pairs[deck.query, deck.passage] += share
        return pairs

    def _plan_window(self, window: int) -> tuple[Rows, NDArray[np.int64]]:
        """Rows of all steps of a window, and how many of each step are stand-ins."""
        deck, concept, replaced = self._dealer.deal(window)
        query, passage = self._query[deck], self._passage[deck]
        opened = passage == ANOTHER
        chance = uniform(self._pairing, window * self._dealer.steps * self.batch_size + np.flatnonzero(opened))
        passage[opened] = draw(self._weights(concept[opened], query[opened]), chance)
        rows = np.stack([concept, query, passage], axis=-1, dtype=np.int32, casting="same_kind")
        return rows, replaced.sum(axis=1)

    def _answered(self, deck: Deck) -> NDArray[np.float64]:
        """Share of each passage language in the rows of a deck that leaves it open."""
        sample = np.linspace(0, deck.members.count - 1, min(deck.members.count, SAMPLE)).astype(np.int64)
        weights = self._weights(deck.members.select(sample), np.full(len(sample), deck.query))
        return (weights / weights.sum(axis=1, keepdims=True)).mean(axis=0)

    def _weights(self, concept: NDArray[np.int64], language: NDArray[np.int64]) -> NDArray[np.float64]:
        return other_language_weights(self._index.passage_languages[concept], language, self._passage_shares)
