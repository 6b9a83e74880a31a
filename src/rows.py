"""One batch of a training as a person reads it: python -m src.rows sampler=hybrid step=3 rows=8."""

from __future__ import annotations

import logging
import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from omegaconf import DictConfig, OmegaConf

from src.check import FLAGS
from src.entry import CONF, told_plainly

if TYPE_CHECKING:
    from src.reading.settings import Shown


def main(overrides: Sequence[str]) -> None:
    """Print a batch, or say in plain words why there is none."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with told_plainly(OmegaConf.create()):
        from src.preflight.compose import compose_run
        from src.reading.settings import compose_shown, split

        own, of_run = split(overrides)
        shown, config = compose_shown(CONF, own), compose_run(CONF, of_run)
    with told_plainly(config):
        show(config, shown, next_commands(own, of_run, shown.step))


def show(config: DictConfig, shown: Shown, commands: Sequence[str]) -> None:
    """Check what makes the batch, make it, and print it."""
    from hydra.core.hydra_config import HydraConfig
    from rich.console import Console

    from src.reading.batch import read_batch
    from src.reading.plan import planned
    from src.reading.settings import check_run
    from src.reporting.batch import report_batch
    from src.reporting.closing import console

    check_run(config, shown.step)
    data, rows = planned(config, shown.step)
    batch = read_batch(data, rows, config.trainer.accumulate_grad_batches)
    out = console() if shown.width is None else Console(highlight=False, width=shown.width)
    strategy = HydraConfig.get().runtime.choices["sampler"]
    heading = f"sampler={strategy} · {data.name} · batch {shown.step} of {config.max_steps} · seed {config.seed}"
    report_batch(out, batch, heading, rows=shown.rows, notes=list(remarks(config)), commands=commands)


def remarks(config: DictConfig) -> Iterator[str]:
    """What else a run of this configuration does with the rows."""
    if config.trainer.accumulate_grad_batches > 1:
        parts = config.trainer.accumulate_grad_batches
        yield f"Accumulation splits the batch in {parts}: a question sees the passages of its own part only."
    if config.negatives:
        yield f"Not shown: up to {config.negatives} explicit hard negatives of each row, which all questions see."
    objective = config.objective.get("inner", config.objective)
    if objective.get("denominator") == "explicit":
        yield "objective.denominator=explicit: other rows' passages are no negatives, only explicit ones are."
    if config.get("augmentation"):
        yield "Texts are shown as the data have them: the augmentation changes words of some."


def next_commands(own: Sequence[str], of_run: Sequence[str], step: int) -> list[str]:
    """The next batch, and the training."""
    from src.reporting.commands import python

    kept = [word for word in own if not word.startswith("step=")]
    rows = [python(), "-m", "src.rows", *of_run, *kept, f"step={step + 1}"]
    return [shlex.join(words) for words in (rows, [python(), "-m", "src.train", *of_run])]


def show_configuration() -> None:
    """What Hydra's flags ask for, of a training's configuration; nothing is printed of a batch."""
    import hydra

    from src.reading.settings import split

    words = split(sys.argv[1:])[1]
    together = 0 if words and not words[0].startswith("-") else len(words)  # argparse wants overrides side by side
    sys.argv[1:] = [*words[:together], "hydra/help=rows", *words[together:]]
    hydra.main(version_base="1.3", config_path=CONF, config_name="train")(lambda config: None)()


if __name__ == "__main__":
    if any(word.startswith(FLAGS) for word in sys.argv[1:]):
        show_configuration()
    else:
        main(sys.argv[1:])
