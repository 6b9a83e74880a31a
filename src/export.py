"""Export a trained encoder for sentence-transformers: python -m src.export checkpoint=outputs/<run> license=mit."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from src.entry import CONF, told_plainly
from src.errors import FAILED


@hydra.main(version_base="1.3", config_path=CONF, config_name="export")
def main(config: DictConfig) -> None:
    """Export, or say in plain words what is wrong."""
    try:
        with told_plainly(config):
            run(config)
    except Exception as error:
        from src.exporting.check import CheckError

        if not isinstance(error, CheckError):
            raise
        logging.getLogger(__name__).error("failed: %s\n  nothing was exported", error)
        sys.exit(FAILED)


def run(config: DictConfig) -> None:
    """Check the options, export, upload where asked, and print what was found."""
    from src.exporting.settings import Options

    values: Any = OmegaConf.to_container(config, resolve=True)
    options, folder = Options.of(values), Path(HydraConfig.get().runtime.output_dir)

    from src.exporting.export import export
    from src.exporting.hub import push
    from src.reporting.closing import console
    from src.reporting.exported import report_export

    record = export(options, folder)
    address = push(folder, options.push_to, private=options.private) if options.push_to else None
    report_export(console(), record, folder, address)


if __name__ == "__main__":
    main()
