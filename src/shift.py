"""How results change from one domain to others: python -m src.shift outputs/<evaluations> in_domain=<benchmark>."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import hydra
from omegaconf import DictConfig

from src.entry import CONF, as_overrides, told_plainly

if TYPE_CHECKING:
    from src.shifting.shifting import Shift


@hydra.main(version_base="1.3", config_path=CONF, config_name="shift")
def main(config: DictConfig) -> None:
    """Print the report, or what is wrong in plain words."""
    from src.reporting.closing import console, report_comparison, report_files

    with told_plainly(config):
        found, files = shift(config)
        report_comparison(console(), found)
        report_files(console(), files, {})


def shift(config: DictConfig) -> tuple[Shift, list[Path]]:
    """The report, and the files it was written to."""
    from src.comparing.interval import Bootstrap
    from src.errors import InputError
    from src.options import check_options, texts
    from src.reporting.folder import check_writable
    from src.shifting.shifting import USAGE, Asked, report_shift

    folders = [Path(folder) for folder in texts(config.folders, "folders")]
    if not folders:
        raise InputError("No folder with runs.", fix=USAGE)
    check_options(config, {key: str for key in ("output", "metric", "setting", "language") if config[key] is not None})
    folder = Path(config.output or folders[0])
    if config.output or folder.is_dir():  # else what is wrong is that no runs are there
        check_writable(folder, fix="choose another with output=...")
    asked = Asked(
        in_domain=texts(config.in_domain, "in_domain"),
        domains=texts(config.domains, "domains"),
        metric=config.metric,
        setting=config.setting,
        language=config.language,
        ignore=texts(config.ignore, "ignore"),
    )
    found = report_shift(folders, Bootstrap.of(config), asked)
    return found, found.write(folder)


if __name__ == "__main__":
    sys.argv[1:] = as_overrides(sys.argv[1:])
    main()
