"""A run's configuration as `python -m src.train` would get it, without making the run's folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from src.choices import check_choices
from src.errors import InputError
from src.options import BOUNDS, check_options
from src.reporting.folder import resolved


def compose_run(conf: str, overrides: Sequence[str]) -> DictConfig:
    """conf/train.yaml with the overrides of one job; InputError where they do not compose."""
    try:
        _check_one_job(overrides)
        check_choices(conf, overrides)
        with initialize_config_dir(conf, version_base="1.3", job_name="train"):
            config = compose("train", overrides=list(overrides), return_hydra_config=True)
        with open_dict(config):
            HydraConfig.instance().set_config(deepcopy(config))  # the folder may be named after choices
            config.hydra.runtime.output_dir = str(Path(config.hydra.run.dir).absolute())
            HydraConfig.instance().set_config(deepcopy(config))
            config.pop("hydra")
        resolved(config)
    except (HydraException, OmegaConfBaseException) as error:
        reason = str(error.__cause__ or error).strip().splitlines()
        raise InputError(
            " ".join(line.strip() for line in reason[:2]), where="the overrides", fix="python -m src.train --help"
        ) from error
    return config


def _check_one_job(overrides: Sequence[str]) -> None:
    swept = [word for word in overrides if word in ("-m", "--multirun")]
    if not swept:
        parsed = OverridesParser.create().parse_overrides(list(overrides))
        swept = [str(each.input_line) for each in parsed if each.is_sweep_override()]
    if swept:
        raise InputError(
            "one job is checked at a time", where=", ".join(swept), fix="leave out -m, and choose one value of each"
        )


def option_mistakes(config: DictConfig) -> Iterator[InputError]:
    """Each option that is out of bounds, of another type than declared, or known to nothing: one of each group."""
    values = resolved(config)
    for key, bound in BOUNDS["train"].items():
        alone = OmegaConf.create()
        OmegaConf.update(alone, key, OmegaConf.select(config, key))
        yield from _mistake(alone, {key: bound})
    for group, section in values.items():
        if isinstance(section, dict):
            yield from _mistake(OmegaConf.create({group: section}), {})


def _mistake(config: DictConfig, bounds: dict) -> Iterator[InputError]:
    try:
        check_options(config, bounds)
    except InputError as error:
        yield error
