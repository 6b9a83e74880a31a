"""A W&B workspace and report of a sweep: python -m src.dashboard outputs/<sweep>."""

from __future__ import annotations

import sys
from typing import Any

import hydra
from omegaconf import DictConfig, OmegaConf

from src.entry import CONF, as_overrides, told_plainly


@hydra.main(version_base="1.3", config_path=CONF, config_name="dashboard")
def main(config: DictConfig) -> None:
    """Build, or say in plain words what is wrong."""
    with told_plainly(config):
        run(config)


def run(config: DictConfig) -> None:
    """Say what is built, and build it where a server can be asked."""
    from src.dashboards.build import check_installed
    from src.dashboards.layout import layout
    from src.dashboards.names import documented, of_runs
    from src.dashboards.send import check_reachable, save
    from src.dashboards.settings import Options
    from src.reporting.closing import console
    from src.reporting.wandb_dashboard import report_places, report_plan

    values: Any = OmegaConf.to_container(config, resolve=True)
    options = Options.of(values)
    check_installed()
    names = of_runs(options.folders) if options.folders else documented(options.benchmarks, options.metric or "mAP")
    sections = layout(names, options.metric)
    out = console()
    report_plan(out, options, names, sections)
    if options.dry:
        return
    if options.comparison:
        from src.dashboards.comparison import log_comparison

        report_places(out, {"comparison": log_comparison(options, options.comparison)})
    check_reachable()
    report_places(out, save(options, names, sections))


if __name__ == "__main__":
    sys.argv[1:] = as_overrides(sys.argv[1:])
    main()
