"""A run's parts, built and checked whole before anything long starts."""

from __future__ import annotations

import functools
import itertools
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
from hydra.utils import instantiate
from omegaconf import DictConfig

from src.data.datamodule import PairDataModule, Strategy, can_validate
from src.data.distinct import distinct_in
from src.data.instructions import Prompts
from src.data.training_data import TrainingData
from src.encoder.build import build_encoder, choose_trained
from src.encoder.dual_encoder import DualEncoder
from src.errors import InputError
from src.evaluation.benchmark import Benchmark
from src.evaluation.evaluate import check_all
from src.evaluation.from_pairs import benchmark_from_pairs
from src.evaluation.suite import Suite, measures_of
from src.objectives.matryoshka import Matryoshka
from src.training.feeding import build_datamodule
from src.training.losses import build_losses
from src.training.module import Retriever
from src.training.teacher import Teaching
from src.training.texts import build_prompts, validation_leads

log = logging.getLogger(__name__)

TOKENIZER_TEXTS = 200_000  # at most so many training texts teach a tokenizer


@dataclass(frozen=True, eq=False)
class Parts:
    """What a run is made of."""

    data: TrainingData
    strategy: Strategy
    benchmark: Benchmark | Suite  # scored at the end
    scoring: dict[str, Any]  # how: `search` and `encoding` of evaluation.evaluate
    held_out: TrainingData | None  # whose validation part watches the training: the data's own, or another's
    validation: Benchmark | None  # scored while training
    encoder: DualEncoder
    module: Retriever
    datamodule: PairDataModule
    callbacks: list[pl.Callback]  # that the losses need


def assemble(config: DictConfig) -> Parts:
    """Load the benchmark and the model, read the data, plan the batches; every mistake shows here."""
    pl.seed_everything(config.seed, workers=True, verbose=False)
    read = functools.cache(lambda: instantiate(config.dataset)(Path(config.cache_dir)))
    scoring = {"search": instantiate(config.search), "encoding": instantiate(config.encoding)}
    benchmark: Benchmark | Suite = instantiate(config.benchmark)()
    check_optimized(config.optimized_metric, benchmark)
    objective, optimizer = instantiate(config.objective), instantiate(config.optimizer)
    # most models need no text: what is wrong with one is found before the data is read, which may take long
    encoder = build_encoder(config.model, lambda: training_texts(read()))
    choose_trained(encoder, config)
    optimizer.check(encoder)
    if isinstance(objective, Matryoshka):
        objective.check(encoder.dimension)
        encoder.settings = replace(encoder.settings, matryoshka_dimensions=objective.dimensions)
    check_all(benchmark, encoder.dimension, scoring["search"], save_run=config.save_run)
    data: TrainingData = read()
    held_out = _held_out(config, data)
    _check_negatives(config, data, held_out, needed=objective.requires_negatives)
    encoder.gradient_cache = config.gradient_cache is not None
    strategy = instantiate(config.sampler)(index=data.train, batch_size=config.batch_size, seed=config.seed)
    losses = build_losses(config, objective, data.train, encoder.dimension)
    prompts = build_prompts(config, data, held_out, encoder, others=losses.other_instruction)
    teaching = losses.taught and Teaching(losses.taught, data, scoring["encoding"], Path(config.cache_dir))
    module = Retriever(
        encoder,
        losses,
        optimizer,
        hard_negatives=config.negatives > 0,
        log_every=config.trainer.log_every_n_steps,
    )
    return Parts(
        data=data,
        strategy=strategy,
        benchmark=benchmark,
        scoring=scoring,
        held_out=held_out,
        validation=_validation_benchmark(config, held_out, prompts),
        encoder=encoder,
        module=module,
        datamodule=build_datamodule(
            config, data, held_out, strategy, encoder, losses, prompts, teaching.targets if teaching else {}
        ),
        callbacks=[teaching] if teaching else [],
    )


def training_texts(data: TrainingData) -> Iterator[str]:
    """Questions and passages of the concepts trained on, language by language, and none that is held out."""
    parts = (
        (data.questions, data.train.question, data.train.question_languages),
        (data.passages, data.train.passage, data.train.passage_languages),
    )
    for language, (texts, ids, held) in itertools.product(range(len(data.train.languages)), parts):
        own = distinct_in(ids, held, language, len(texts))
        limit = TOKENIZER_TEXTS // (2 * len(data.train.languages))
        if len(own) > limit:
            own = own[np.linspace(0, len(own) - 1, limit).astype(int)]
        yield from texts.get(own, np.full(len(own), language))


def _check_negatives(config: DictConfig, data: TrainingData, held_out: TrainingData | None, *, needed: bool) -> None:
    if config.negatives < 0:
        raise InputError(f"negatives cannot be {config.negatives}", where="negatives")
    if config.negatives and data.train.negatives is None:
        raise InputError(f"{data.name} has no explicit negatives", where="negatives", fix="negatives=0")
    if needed and not config.negatives:
        raise InputError(
            "this objective compares with explicit negatives only, and none are drawn",
            where="objective.denominator, negatives",
            fix="negatives=1 with a dataset that has them, or objective.denominator=in_batch",
        )
    if needed and held_out and held_out.validation and held_out.validation.negatives is None:
        raise InputError(
            f"this objective compares with explicit negatives only, and {held_out.name} has none to validate on",
            where="objective.denominator, validation_data",
            fix="objective.denominator=in_batch, or validation data with negatives",
        )


def check_optimized(metric: str | None, benchmark: Benchmark | Suite) -> None:
    """InputError unless the benchmark measures what a sweeper is to be told."""
    known = measures_of(benchmark)
    if metric is not None and metric not in known:
        raise InputError(
            f"{benchmark.name} does not measure {metric!r}", where="optimized_metric", fix=f"one of {', '.join(known)}"
        )


def _held_out(config: DictConfig, data: TrainingData) -> TrainingData | None:
    """The data with a validation part: that of `validation_data`, all of it if it holds nothing out, else its own."""
    held = data if config.get("validation_data") is None else _other_data(config)
    if held.validation is not None and not can_validate(held.validation):
        log.warning("nothing is validated: %s holds out no two pairs that are of one language", held.name)
        return None
    return held if held.validation is not None else None


def _other_data(config: DictConfig) -> TrainingData:
    try:
        other: TrainingData = instantiate(config.validation_data)(Path(config.cache_dir))
    except InputError as error:  # a reader speaks of the dataset that it usually is
        where, fix = (part and part.replace("dataset.", "validation_data.") for part in (error.where, error.fix))
        raise InputError(error.what, where=where, fix=fix) from error
    return replace(other, validation=other.train if other.validation is None else other.validation)


def _validation_benchmark(
    config: DictConfig, held_out: TrainingData | None, prompts: Prompts | None
) -> Benchmark | None:
    limits = config.callbacks.validation
    if held_out is None or held_out.validation is None or not limits.max_queries:
        return None
    return benchmark_from_pairs(
        held_out,
        "validation",
        pool="all",
        max_queries=limits.max_queries,
        max_candidates=limits.max_candidates,
        leads=validation_leads(prompts, held_out.validation) if prompts else None,
        seed=0,  # the same for every run, so that runs are chosen by the same questions
    )
