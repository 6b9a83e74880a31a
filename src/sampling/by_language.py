"""What the strategies with one rule for all batches share: settings, checks, pools of concepts, and their record."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from src.data.pair_index import PairIndex
from src.sampling.checks import check_eligible, check_inputs
from src.sampling.eligible import find_eligible
from src.sampling.interleaved import Interleaved
from src.sampling.pool import Pool, Rule
from src.sampling.weighting import Setting, Weighting


class ByLanguage(Interleaved):
    """One rule for all batches, over the concepts of all datasets or of one dataset a batch.

    language_weighting: `uniform`, `proportional` or `{temperature: t}`, by the concepts that a language can serve.
    dataset_weighting: None pools the concepts of all datasets. Otherwise each batch comes from one dataset, drawn in
    one of the same ways by the concepts that it can serve, and languages are weighted within that dataset.
    """

    rule: ClassVar[Rule]

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
        check_inputs(index, batch_size, crosslingual=rule.crosslingual)
        datasets = [("", None)] if pooled else [(name, number) for number, name in enumerate(index.datasets)]
        found = {name: find_eligible(index, rule.crosslingual, dataset) for name, dataset in datasets}
        check_eligible(index, found, batch_size, crosslingual=rule.crosslingual, uniform=by_language.exponent == 0)
        self._eligible = {name: eligible for name, eligible in found.items() if eligible.concepts}
        pools = [
            Pool(index, eligible, rule, batch_size, seed, by_language, name=f"{rule.name} {name}")
            for name, eligible in self._eligible.items()
        ]
        sizes = [eligible.concepts for eligible in self._eligible.values()]
        super().__init__(pools, by_dataset.shares(sizes), seed, rule.name)
        self._settings = {
            "strategy": rule.name,
            "language_weighting": by_language.setting,
            "dataset_weighting": None if pooled else by_dataset.setting,
        }

    def describe(self) -> dict[str, Any]:
        """Settings, eligible concepts and expected shares by language, and how many steps make a language's epoch."""
        common = super().describe()
        concepts = self._by_language(np.sum([eligible.sizes for eligible in self._eligible.values()], axis=0))
        rows = {code: self.batch_size * share for code, share in common["query_share"].items() if share}
        drawn = self._settings["dataset_weighting"]
        return {
            **self._settings,
            **common,
            "dataset_share": drawn and dict(zip(self._eligible, self.shares.tolist(), strict=True)),
            "concepts": concepts,
            "steps_per_epoch": {code: concepts[code] / rows[code] for code in rows},
        }
