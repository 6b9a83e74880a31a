"""A run's losses from its configuration: the objective and the terms beside it."""

from __future__ import annotations

import logging
from typing import Any

from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf

from src.data.pair_index import PairIndex
from src.errors import InputError
from src.objectives.term import Setup, Term
from src.objectives.total import TotalLoss
from src.objectives.weight import Weight
from src.sampling.translations import Translations

log = logging.getLogger(__name__)


def build_losses(config: DictConfig, objective: Any, index: PairIndex, dimension: int) -> TotalLoss:
    """`objective`, weighted, and the terms of `terms=[...]`; an InputError for what does not fit the data."""
    setup = Setup(dimension, index.languages, index.datasets, len(index), config.max_steps, config.seed)
    terms = {name: _term(name, section, setup) for name, section in config.terms.items()}
    return TotalLoss(objective, Weight.read(plain(config.objective_weight), "objective_weight"), terms)


def second_languages(losses: TotalLoss, index: PairIndex, seed: int) -> dict[str, Translations]:
    """What draws them, for each side that a term needs them of; an InputError where the data has none."""
    drawn: dict[str, Translations] = {side: Translations(index, side, seed) for side in sorted(losses.translations)}
    for side, translations in drawn.items():
        _check_share(losses, side, translations.share)
    return drawn


def plain(setting: Any) -> Any:
    """A setting of the configuration in Python's own types."""
    return OmegaConf.to_container(setting) if OmegaConf.is_config(setting) else setting


def _term(name: str, section: DictConfig, setup: Setup) -> tuple[Term, Weight]:
    options = {key: value for key, value in section.items() if key != "weight"}
    weight = Weight.read(plain(section.get("weight")), f"terms.{name}.weight")
    return instantiate(options)(setup=setup), weight


def _check_share(losses: TotalLoss, side: str, share: float) -> None:
    names = ", ".join(name for name, term in losses.terms.items() if side in term.translations)  # type: ignore[operator]
    if not share:
        raise InputError(
            f"{names} compares texts with their translations, and no {side} of this data is in two languages",
            where="terms, dataset",
            fix="choose parallel data, or leave the term out",
        )
    log.info("%s: %.0f %% of the data's concepts have their %s in a second language", names, 100 * share, side)
