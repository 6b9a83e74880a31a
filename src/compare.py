"""Compare the runs of one sweep or several: python -m src.compare outputs/<sweep>."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import hydra
from omegaconf import DictConfig

from src.entry import CONF, as_overrides, told_plainly

if TYPE_CHECKING:
    from src.comparing.comparing import Comparison


@hydra.main(version_base="1.3", config_path=CONF, config_name="compare")
def main(config: DictConfig) -> None:
    """Print the comparison and then write it in all its forms, or say what is wrong in plain words."""
    from src.comparing.verdict_forms import in_short, verdict_table
    from src.publishing.publish import next_steps, publish, with_published
    from src.publishing.side_by_side import side_by_side
    from src.reporting.closing import console, report_comparison, report_files

    with told_plainly(config):
        comparison, folder = compare(config)
        published = side_by_side(comparison)
        shown = with_published(comparison, published)
        words = verdict_table(in_short(shown.verdicts)) if shown.verdicts else None
        report_comparison(console(), shown, warnings=shown.warnings, words=words)
        more = publish(comparison, published, folder, figures=config.figures, page=config.page)
        report_files(console(), [*shown.write(folder), *more], next_steps(comparison, more))


def compare(config: DictConfig) -> tuple[Comparison, Path]:
    """The comparison, and the folder that it goes to."""
    from src.comparing.comparing import compare_runs
    from src.comparing.interval import Bootstrap
    from src.errors import InputError
    from src.options import POSITIVE, Bound, check_options, texts
    from src.reporting.folder import check_writable

    folders = [Path(folder) for folder in texts(config.folders, "folders")]
    if not folders:
        raise InputError("No folder to compare.", fix="python -m src.compare outputs/<sweep>")
    bounds: dict[str, Bound] = {"figures": bool, "page": bool}
    unset: dict[str, Bound] = {"output": str, "baseline": str, "metric": str, "target": str, "dimension": POSITIVE}
    check_options(config, bounds | {key: bound for key, bound in unset.items() if config[key] is not None})
    folder = Path(config.output or folders[0])
    if config.output or folder.is_dir():  # else what is wrong is that no runs are there
        check_writable(folder, fix="choose another with output=...")
    comparison = compare_runs(
        folders,
        Bootstrap.of(config),
        baseline=config.baseline,
        metric=config.metric,
        ignore=texts(config.ignore, "ignore"),
        target=config.target,
        dimension=config.dimension,
    )
    return comparison, folder


if __name__ == "__main__":
    sys.argv[1:] = as_overrides(sys.argv[1:])
    main()
