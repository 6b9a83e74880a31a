"""One pool of concepts, all or a dataset's, dealt by one rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from src.data.pair_index import PairIndex
from src.sampling.dealing import Dealer
from src.sampling.eligible import Eligible
from src.sampling.pairing import draw, other_language_weights
from src.sampling.recent import Recent
from src.sampling.strategy import Rows, Strategy
from src.sampling.streams import stream_key, uniform
from src.sampling.weighting import Weighting

SAMPLE = 1 << 14  # concepts of a language that its expected shares are measured on


@dataclass(frozen=True)
class Rule:
    """What tells one strategy from another."""

    name: str
    crosslingual: bool  # a row's passage is in another language than its question; else in the same
    language_per_batch: bool  # the query language is drawn once a batch; else once a row


class Pool(Strategy):
    """Batches from one pool: languages drawn by weight, concepts epoch by epoch, passages' languages by the rule."""

    def __init__(
        self,
        index: PairIndex,
        eligible: Eligible,
        rule: Rule,
        batch_size: int,
        seed: int,
        weighting: Weighting,
        name: str,
    ) -> None:
        self.languages, self.batch_size = index.languages, batch_size
        self._index, self._eligible, self._rule = index, eligible, rule
        self._shares = weighting.shares(eligible.sizes)
        self._passage_shares = weighting.shares(eligible.answered)
        self._dealer = Dealer(
            index,
            eligible.asked,
            self._shares,
            batch_size,
            language_per_batch=rule.language_per_batch,
            seed=seed,
            name=name,
        )
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
        """Share of rows by language pair: exact up to 16,384 concepts a language, else measured on as many."""
        if not self._rule.crosslingual:
            return np.diag(self._shares)
        pairs = np.zeros((len(self.languages),) * 2)
        for language in np.flatnonzero(self._shares):
            members = self._eligible.asked[language]
            sample = np.linspace(0, members.count - 1, min(members.count, SAMPLE)).astype(np.int64)
            weights = self._weights(members.select(sample), np.full(len(sample), language))
            pairs[language] = self._shares[language] * (weights / weights.sum(axis=1, keepdims=True)).mean(axis=0)
        return pairs

    def _plan_window(self, window: int) -> tuple[Rows, NDArray[np.int64]]:
        """Rows of all steps of a window, and how many of each step are stand-ins."""
        language, concept, replaced = self._dealer.deal(window)
        passage_language = self._answer(concept, language, window) if self._rule.crosslingual else language
        rows = np.stack([concept, language, passage_language], axis=-1, dtype=np.int32, casting="same_kind")
        return rows, replaced.sum(axis=1)

    def _answer(self, concept: NDArray[np.int64], language: NDArray[np.int64], window: int) -> NDArray[np.int64]:
        weights = self._weights(concept.ravel(), language.ravel())
        chance = uniform(self._pairing, window * self._dealer.steps * self.batch_size + np.arange(concept.size))
        return draw(weights, chance).reshape(concept.shape)

    def _weights(self, concept: NDArray[np.int64], language: NDArray[np.int64]) -> NDArray[np.float64]:
        return other_language_weights(self._index.passage_languages[concept], language, self._passage_shares)
