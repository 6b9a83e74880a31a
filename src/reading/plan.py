"""The rows that a run's strategy plans for one step, looked over before anybody reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from hydra.utils import instantiate
from omegaconf import DictConfig

from src.data.pair_index import PairIndex
from src.data.training_data import TrainingData
from src.errors import InputError
from src.sampling.strategy import Rows

COLUMNS = ("concept", "question language", "passage language")


def planned(config: DictConfig, step: int) -> tuple[TrainingData, Rows]:
    """A run's data, and the rows of its global batch at one step; InputError where a strategy breaks its promises."""
    data: TrainingData = instantiate(config.dataset)(Path(config.cache_dir))
    strategy = instantiate(config.sampler)(index=data.train, batch_size=config.batch_size, seed=config.seed)
    rows = checked(strategy.plan(step), data.train, config.batch_size)
    strategy.plan(step + 1)
    if not np.array_equal(rows, strategy.plan(step)):
        raise InputError(
            f"two plans of step {step} differ",
            where="sampler",
            fix="plan(step) must depend on nothing but index, seed and step: np.random.default_rng([seed, step])",
        )
    return data, rows


def checked(rows: Any, index: PairIndex, batch_size: int) -> Rows:
    """The rows as they should be; InputError for the first thing about them that cannot be."""
    try:
        made = np.asarray(rows)
    except ValueError as error:  # numpy's word for ragged rows
        raise InputError("plan() gives rows of different lengths", where="sampler", fix=_wanted(batch_size)) from error
    if made.shape != (batch_size, 3) or made.dtype.kind not in "iu":
        what = f"plan() gives an array {list(made.shape)} of {made.dtype}"
        raise InputError(what, where="sampler", fix=_wanted(batch_size))
    for column, size in enumerate((len(index), len(index.languages), len(index.languages))):
        wrong = np.flatnonzero((made[:, column] < 0) | (made[:, column] >= size))
        if len(wrong):
            what = f"row {wrong[0]} has the {COLUMNS[column]} {made[wrong[0], column]}, and there are {size}"
            raise InputError(what, where="sampler", fix=f"numbers from 0 to {size - 1}")
    _check_held(made, index)
    return made.astype(np.int32)


def _wanted(batch_size: int) -> str:
    return f"whole numbers [{batch_size}, 3]: {', '.join(COLUMNS)}"


def _check_held(rows: Rows, index: PairIndex) -> None:
    concepts = rows[:, 0]
    for column, held in ((1, index.question_languages), (2, index.passage_languages)):
        there = held[concepts] >> rows[:, column].astype(held.dtype) & held.dtype.type(1)
        wrong = np.flatnonzero(there == 0)
        if len(wrong):
            side, language = COLUMNS[column].split()[0], index.languages[rows[wrong[0], column]]
            raise InputError(
                f"row {wrong[0]}: concept {concepts[wrong[0]]} has no {side} in {language!r}",
                where="sampler",
                fix=f"choose languages by the index's {side}_languages: bit l is set where languages[l] holds the text",
            )
