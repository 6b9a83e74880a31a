"""Batches of one language pair: the cross-lingual batches of `grouped`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from src.data.pair_index import PairIndex
from src.errors import InputError
from src.sampling.by_language import ByLanguage, Order, Rule
from src.sampling.deck import Deck
from src.sampling.eligible import Eligible, find_pairs
from src.sampling.layout import Runs
from src.sampling.pool import Pool

LISTED = 6  # language pairs that an error names


class LanguagePairs(ByLanguage):
    """An ordered pair of languages per batch: questions in the first, passages in the second.

    Question languages are weighted by the concepts that can be asked in them, passage languages by those that can be
    answered in them, among those that share a concept with the question's: on parallel data `crosslingual`'s shares. A
    pair goes through its concepts in a new order each epoch and leaves out those that fill no batch at the end.
    """

    rule = Rule(
        "language_pairs",
        "one language for all questions, another for all passages",
        crosslingual=(True,),
        language_per_batch=True,
    )

    def _pool(self, index: PairIndex, kinds: Sequence[Eligible], order: Order) -> Pool:
        """Batches of one pair each from the concepts of one dataset or of all."""
        codes, pairs = index.languages, find_pairs(index, order.dataset)
        decks = [Deck(f"{codes[q]}-{codes[p]}", q, p, members) for (q, p), members in pairs.items()]
        _check_enough(decks, order.batch_size)
        queries, passages = (order.weighting.shares(sizes) for sizes in (kinds[0].sizes, kinds[0].answered))
        shares = _pair_shares(decks, queries, passages)
        layout = Runs(shares, order.batch_size, order.batch_size, order.seed, order.name)
        return Pool(index, decks, layout, passages, order.batch_size, order.seed, order.name)


def _pair_shares(
    decks: Sequence[Deck], queries: NDArray[np.float64], passages: NDArray[np.float64]
) -> NDArray[np.float64]:
    """P(query language) P(passage language | query language), over the pairs that share a concept."""
    query, passage = np.array([(deck.query, deck.passage) for deck in decks]).T
    reached = np.bincount(query, weights=passages[passage], minlength=len(queries))
    return queries[query] * passages[passage] / reached[query]


def _check_enough(decks: Sequence[Deck], batch_size: int) -> None:
    """Refuse a pair that has concepts, but fewer than a batch has rows."""
    few = sorted((deck.members.count, deck.name) for deck in decks if deck.members.count < batch_size)
    if few:
        listed = ", ".join(f"{name} ({count})" for count, name in few[:LISTED])
        raise InputError(
            f"too few concepts for batches of {batch_size} in {len(few)} language pair(s): {listed}",
            where="batch_size, dataset.languages",
            fix=f"lower batch_size to {few[0][0]}, leave languages out, or choose sampler=crosslingual",
        )
