"""What `python -m src.rows` is asked: a batch of a run, and how much of it is printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf

from src.errors import InputError
from src.options import ANY, BOUNDS, POSITIVE, Bound, check_options

NARROWEST = 60  # columns in which the texts still have room
OWN: dict[str, Bound] = {"step": ANY, "rows": POSITIVE, "width": range(NARROWEST, 10_000)}
OF_RUN = ("seed", "batch_size", "max_steps", "cache_dir", "trainer.accumulate_grad_batches")
MAKING = ("dataset", "sampler")  # groups that make the rows


@dataclass(frozen=True)
class Shown:
    """Which batch, and how much of it."""

    step: int
    rows: int
    width: int | None


def split(overrides: Iterable[str]) -> tuple[list[str], list[str]]:
    """The overrides of conf/rows.yaml, and those of the run."""
    words = list(overrides)
    own = [word for word in words if word.partition("=")[0] in OWN]
    return own, [word for word in words if word not in own]


def compose_shown(conf: str, overrides: Sequence[str]) -> Shown:
    """conf/rows.yaml with its overrides; InputError for the first option that cannot be."""
    try:
        with initialize_config_dir(conf, version_base="1.3", job_name="rows"):
            config = compose("rows", overrides=list(overrides))
    except HydraException as error:
        raise InputError(str(error).strip().splitlines()[0], where=" ".join(overrides), fix="one value each") from error
    check_options(config, {key: bound for key, bound in OWN.items() if config[key] is not None or key != "width"})
    return Shown(config.step, config.rows, config.width)


def check_run(config: DictConfig, step: int) -> None:
    """InputError for what cannot be of the run's options that make its batches; the others are not looked at."""
    for key in OF_RUN:
        alone = OmegaConf.create()
        OmegaConf.update(alone, key, OmegaConf.select(config, key))
        check_options(alone, {key: BOUNDS["train"][key]})
    whole = OmegaConf.to_container(config, resolve=True)
    check_options(OmegaConf.create({group: whole[group] for group in MAKING}), {})  # type: ignore[call-overload, index]
    if step >= config.max_steps:
        last = config.max_steps - 1
        raise InputError(f"the run ends before step {step}", where="step, max_steps", fix=f"a step from 0 to {last}")
    parts = config.trainer.accumulate_grad_batches
    if config.batch_size % parts:
        raise InputError(
            f"a batch of {config.batch_size} cannot be split over {parts} accumulation steps",
            where="batch_size, trainer.accumulate_grad_batches",
            fix=f"make batch_size a multiple of {parts}",
        )
