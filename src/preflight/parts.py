"""The parts of a run, each looked at by itself and then all together."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.utils import instantiate
from omegaconf import DictConfig

from src.data.training_data import TrainingData
from src.encoder.build import build_encoder, choose_trained
from src.evaluation.dimensions import check_dimensions
from src.evaluation.suite import benchmarks_of, measures_of
from src.preflight.findings import Findings, NotCheckedError
from src.reporting.folder import resolved
from src.training.assembly import Parts, assemble, training_texts
from src.training.trainer import check_split, monitored
from src.zero_shot.counts import check_limit

if TYPE_CHECKING:
    from src.encoder.dual_encoder import DualEncoder

ALONE = ("objective", "optimizer", "search", "encoding", "debias", "freeze", "adapter")  # need no data to be made
REPLACED = ("objective", "optimizer", "search", "encoding", "debias", "benchmark", "validation_data")


def check_parts(found: Findings, config: DictConfig, defaults: DictConfig) -> Parts | None:
    """Look at each part alone; the assembled run, if data and model are there and fit together.

    Parts that failed are replaced by those of `defaults`, so that what is wrong with the others still shows.
    """
    cache = Path(config.cache_dir)
    found.check("limits", lambda: _limits(config))
    for group in ALONE:
        if config.get(group) is not None:
            found.check(group, functools.partial(_made, config, group))
    found.check("benchmark", lambda: _benchmark(config))
    data = found.check("dataset", lambda: _data(config.dataset, cache))
    if config.get("validation_data") is not None:
        found.check("validation_data", lambda: _data(config.validation_data, cache))
    found.check("model", lambda: _model(config, data, optimizer=not found.failed("optimizer")))
    found.check("sampler", lambda: _strategy(config, data))
    return found.check("together", lambda: _together(found, config, defaults))


def _limits(config: DictConfig) -> tuple[None, str]:
    check_limit(config.max_overlap)
    check_dimensions(config.dimensions)
    return None, "max_overlap, dimensions"


def check_devices(config: DictConfig) -> tuple[int, str]:
    """How many processes train, if the devices are there and share the batch evenly."""
    trainer = check_split(config)
    kind, count = trainer.strategy.root_device.type, trainer.world_size
    return count, f"{count} x {kind}, {config.batch_size // count} of {config.batch_size} pairs each"


def _made(config: DictConfig, group: str) -> tuple[Any, str]:
    made = instantiate(config[group])
    return made, str(config[group].get("_target_", "")).rpartition(".")[2]


def _benchmark(config: DictConfig) -> tuple[Any, str]:
    from src.training.assembly import check_optimized

    loaded = instantiate(config.benchmark)()
    check_optimized(config.optimized_metric, loaded)
    each = benchmarks_of(loaded)
    sizes = sum(len(one.queries) for one in each), sum(len(one.candidates) for one in each)
    return loaded, f"{loaded.name}: {sizes[0]:,} queries, {sizes[1]:,} candidates; {measures_of(loaded)[0]}"


def _data(section: DictConfig, cache: Path) -> tuple[TrainingData, str]:
    data: TrainingData = instantiate(section)(cache)
    held_out = f", {len(data.validation):,} held out" if data.validation is not None else ", none held out"
    languages = " ".join(data.train.languages)
    return data, f"{data.name}: {len(data.train):,} concepts{held_out}; {languages}"


def _model(config: DictConfig, data: TrainingData | None, *, optimizer: bool) -> tuple[DualEncoder, str]:
    def texts() -> Any:
        if data is None:
            raise NotCheckedError("its tokenizer learns from the dataset")
        return training_texts(data)

    encoder = build_encoder(config.model, texts)
    choose_trained(encoder, config)
    if optimizer:
        instantiate(config.optimizer).check(encoder)
    sizes = [(each.numel(), each.requires_grad) for each in encoder.parameters()]
    trained = sum(size for size, learns in sizes if learns)
    return encoder, f"{encoder.settings.name}: {sum(size for size, _ in sizes):,} parameters, {trained:,} trained"


def _strategy(config: DictConfig, data: TrainingData | None) -> tuple[Any, str]:
    if data is None:
        raise NotCheckedError("it needs the dataset")
    strategy = instantiate(config.sampler)(index=data.train, batch_size=config.batch_size, seed=config.seed)
    strategy.plan(0)
    return strategy, f"{strategy.describe()['strategy']}, batches of {config.batch_size}"


def _together(found: Findings, config: DictConfig, defaults: DictConfig) -> tuple[Parts, str]:
    for needed in ("dataset", "model", "sampler"):
        if found.failed(needed):
            raise NotCheckedError(f"needs the {needed}")
    whole = DictConfig(resolved(config))
    for group in REPLACED:
        if found.failed(group):
            whole[group] = defaults[group]
    if found.failed("benchmark"):
        whole.optimized_metric = None
    parts = assemble(whole)
    monitor, mode = monitored(whole, validated=parts.datamodule.has_validation, retrieval=parts.validation)
    return parts, f"the checkpoint is chosen by {monitor} ({mode})" if monitor else "the last step's weights are kept"
