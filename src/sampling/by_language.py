"""What the strategies with one rule for all batches share: settings, checks, pools of concepts, and their record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from src.data.pair_index import PairIndex
from src.sampling.checks import check_inputs, check_supplies
from src.sampling.deck import decks_by_language
from src.sampling.eligible import Eligible, find_eligible
from src.sampling.interleaved import Interleaved
from src.sampling.layout import Runs
from src.sampling.pool import Pool
from src.sampling.weighting import Setting, Weighting


@dataclass(frozen=True)
class Rule:
    """What tells one strategy from another."""

    name: str
    holds: str  # what a batch holds, in words
    crosslingual: tuple[bool, ...]  # of each kind of row: whether its passage is in another language than its question
    language_per_batch: bool  # the query language is drawn once a batch; else once a row


@dataclass(frozen=True)
class Order:
    """One pool that is wanted."""

    dataset: int | None  # None: all
    batch_size: int
    seed: int
    weighting: Weighting  # of languages
    name: str  # of its streams


class ByLanguage(Interleaved):
    """One rule for all batches, over the concepts of all datasets or of one dataset a batch.

    language_weighting: `uniform`, `proportional` or `{temperature: t}`, by the concepts that a language can serve.
    dataset_weighting: None pools the concepts of all datasets. Otherwise each batch comes from one dataset, drawn in
    one of the same ways by the concepts that it can serve, and languages are weighted within that dataset.
    """

    rule: ClassVar[Rule]
    parts: Sequence[Pool]

    def __init__(
        self,
        index: PairIndex,
        batch_size: int,
        seed: int,
        language_weighting: Setting = "uniform",
        dataset_weighting: Setting | None = None,
    ) -> None:
        rule, pooled = self.rule, dataset_weighting is None
        dataset_setting = "uniform" if dataset_weighting is None else dataset_weighting
        by_language = Weighting.parse(language_weighting, "sampler.language_weighting")
        by_dataset = Weighting.parse(dataset_setting, "sampler.dataset_weighting")
        check_inputs(index, batch_size, crosslingual=any(rule.crosslingual))
        datasets = [("", None)] if pooled else [(name, number) for number, name in enumerate(index.datasets)]
        found = {
            name: [find_eligible(index, crosslingual, dataset) for crosslingual in rule.crosslingual]
            for name, dataset in datasets
        }
        found = {name: kinds for name, kinds in found.items() if all(kind.concepts for kind in kinds)} or found
        check_supplies(index, found, rule.crosslingual, batch_size, uniform=by_language.exponent == 0)
        numbers = dict(datasets)
        orders = [Order(numbers[name], batch_size, seed, by_language, f"{rule.name} {name}") for name in found]
        pools = [self._pool(index, kinds, order) for kinds, order in zip(found.values(), orders, strict=True)]
        sizes = [min(kind.concepts for kind in kinds) for kinds in found.values()]
        super().__init__(pools, by_dataset.shares(sizes), seed, rule.name)
        self._datasets = list(found)
        self._settings = {
            "strategy": rule.name,
            "holds": rule.holds,
            "language_weighting": by_language.setting,
            "dataset_weighting": None if pooled else by_dataset.setting,
        }

    def describe(self) -> dict[str, Any]:
        """Settings, concepts by language and expected shares, and how many steps make a language's epoch."""
        concepts, rows = self._by_deck()
        drawn = self._settings["dataset_weighting"]
        return {
            **self._settings,
            **super().describe(),
            "dataset_share": drawn and dict(zip(self._datasets, self.shares.tolist(), strict=True)),
            "concepts": concepts,
            "steps_per_epoch": {name: concepts[name] / rows[name] for name in rows if rows[name]},
        }

    def _pool(self, index: PairIndex, kinds: Sequence[Eligible], order: Order) -> Pool:
        """Batches of one kind of row from the concepts of one dataset or of all."""
        [kind], [crosslingual] = kinds, self.rule.crosslingual
        run = order.batch_size if self.rule.language_per_batch else 1
        layout = Runs(order.weighting.shares(kind.sizes), order.batch_size, run, order.seed, order.name)
        decks = decks_by_language(index, kind, crosslingual)
        passages = order.weighting.shares(kind.answered)
        return Pool(index, decks, layout, passages, order.batch_size, order.seed, order.name)

    def _by_deck(self) -> tuple[dict[str, int], dict[str, float]]:
        """How many concepts each deck holds over all datasets, and its expected rows a step."""
        concepts: dict[str, int] = defaultdict(int)
        rows: dict[str, float] = defaultdict(float)
        for pool, share in zip(self.parts, self.shares.tolist(), strict=True):
            for deck, dealt in zip(pool.decks, pool.shares.tolist(), strict=True):
                concepts[deck.name] += deck.members.count
                rows[deck.name] += self.batch_size * share * dealt
        return dict(concepts), dict(rows)
