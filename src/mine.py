"""Mine hard negatives with any encoder: python -m src.mine dataset=squad checkpoint=outputs/<run>."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from src.entry import CONF, told_plainly
from src.entry import run as start

if TYPE_CHECKING:
    from src.encoder.dual_encoder import DualEncoder
    from src.mining.mine import Sources
    from src.mining.settings import Mining
    from src.retrieval.search import Search

OPTIONS = ("ranks", "max_share_of_positive", "margin", "negatives", "draw", "languages", "query_languages", "seed")


@hydra.main(version_base="1.3", config_path=CONF, config_name="mine")
def main(config: DictConfig) -> None:
    """Mine, or say in plain words what is wrong."""
    with told_plainly(config):
        run(config, HydraConfig.get().overrides.task)


def run(config: DictConfig, overrides: list[str]) -> None:
    """Check and load everything, mine, write data and record, and print what was found."""
    from hydra.utils import instantiate

    from src.encoder.chosen import load_encoder
    from src.encoder.identity import encoder_identity
    from src.mining.folder import already_mined, check_own, identity_of
    from src.mining.mine import sources_of
    from src.reporting.closing import console
    from src.reporting.folder import check_writable, resolved
    from src.reporting.mining import report_mining

    folder = Path(config.run_dir)
    check_own(folder)
    mining = checked(config)
    search, encoding = instantiate(config.search), instantiate(config.encoding)
    check_depth(search)
    check_writable(folder)
    data = instantiate(config.dataset)(Path(config.cache_dir))
    sources = sources_of(data, mining)
    encoder = load_encoder(config)
    search.check(encoder.dimension)
    about = {"data": data.fingerprint, "encoder": encoder_identity(encoder)}
    identity = identity_of(resolved(config), folder, **about)
    record = already_mined(folder, identity)
    if record is None:
        known = {"identity": identity, **about, "config": resolved(config)}
        record = mined_into(folder, known, encoder, sources, mining, search, encoding)
    else:
        logging.getLogger(__name__).info("already mined, not mined again: %s", folder)
    report_mining(console(), record, folder, examples=config.examples, overrides=overrides)


def checked(config: DictConfig) -> Mining:
    """The options of a mining; InputError for the first that cannot be."""
    from omegaconf import OmegaConf

    from src.mining.settings import Mining
    from src.options import ANY, POSITIVE, SEEDS, check_options

    bounds: dict[str, Any] = {"negatives": POSITIVE, "seed": SEEDS, "examples": ANY, "cache_dir": str, "device": str}
    check_options(config, bounds)
    values: Any = OmegaConf.to_container(config, resolve=True)
    return Mining(**{name: values[name] for name in OPTIONS})


def check_depth(search: Search) -> None:
    """InputError where a search has a depth of its own."""
    from src.errors import InputError

    if search.depth is not None:
        raise InputError("the ranks say how deep is searched", where="search.depth", fix="search.depth=null")


def mined_into(
    folder: Path,
    known: dict[str, Any],
    encoder: DualEncoder,
    sources: Sources,
    mining: Mining,
    search: Search,
    encoding: Any,
) -> dict[str, Any]:
    """Mine, and save data and record; returns the record."""
    from src.mining.dataset import write_lines
    from src.mining.folder import save
    from src.mining.mine import mine
    from src.mining.summary import LISTED, examples, summarize
    from src.reporting.environment import environment
    from src.reporting.sections import data_section, model_section

    found, tally = mine(encoder, sources, mining, search, encoding)
    how = {**search.describe(), **({f"recall@{mining.last}": tally.recall} if tally.recalls else {})}
    record = {
        **known,
        "training": data_section(sources.data),
        "model": {
            **model_section(encoder.settings.name, encoder, encoder.dimension),
            "checkpoint": known["config"]["checkpoint"],
        },
        "search": how,
        "environment": environment(),
        "found": summarize(sources, found, tally, mining),
        "examples": examples(sources, found, LISTED),
    }
    return save(folder, lambda path: write_lines(path, sources, found), record)


if __name__ == "__main__":
    start(main)
