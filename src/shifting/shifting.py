"""What `python -m src.shift` does: find runs, join those of one encoder, and tell how they change with the domain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from src.comparing.comparability import cautions, refuse_mixed
from src.comparing.encoders import join, superseded
from src.comparing.grouping import RunGroup, group_runs
from src.comparing.interval import Bootstrap
from src.comparing.notes import confounded, left_out
from src.comparing.runs import find_runs
from src.comparing.tables import Grid, write_markdown
from src.shifting.choices import choose_domains, choose_metric, choose_settings, complete, lacking
from src.shifting.notes import about_domains, about_evaluations, about_intervals, about_split
from src.shifting.shift import Domains, Figure, shift_figures
from src.shifting.split import Split, plan_split, source_language, split_figures
from src.shifting.tables import grids, write_csv

USAGE = "python -m src.shift outputs/<evaluations> in_domain=<benchmark>"


@dataclass(frozen=True)
class Asked:
    """Options; None or nothing: chosen from what the runs hold."""

    in_domain: Sequence[str] = ()
    domains: Sequence[str] = ()
    metric: str | None = None
    setting: str | None = None
    language: str | None = None
    ignore: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Shift:
    """All that a report found."""

    figures: list[Figure]
    tables: list[Grid]
    notes: list[str]

    def write(self, folder: Path) -> list[Path]:
        """`shift.csv` and `shift.md`."""
        return [
            write_csv(folder / "shift.csv", self.figures),
            write_markdown(folder / "shift.md", self.tables, self.notes),
        ]


def report_shift(folders: Sequence[Path], bootstrap: Bootstrap, asked: Asked) -> Shift:
    """The report on all finished runs below the folders."""
    runs, skipped = find_runs(folders, USAGE)
    encoders = join(runs)
    domains = choose_domains(encoders, asked.in_domain, asked.domains)
    whole = complete(encoders, domains)
    for name in domains.every:
        refuse_mixed([run for run in runs if name in run.metrics], name)
    summaries = {name: whole[0].metrics[name] for name in domains.every}
    settings = choose_settings(summaries, asked.setting)
    metric = choose_metric(summaries, settings, asked.metric)
    source = source_language(summaries, domains, asked.language)
    split = plan_split(summaries, domains, source) if source else None
    grouping = group_runs(whole, asked.ignore)
    figures = [
        figure for group in grouping.groups for figure in _figures(group, domains, settings, metric, split, bootstrap)
    ]
    usually = grouping.labels.usually
    notes = [f"Unless a group's name says otherwise: {usually}."] if usually else []
    notes += about_domains(summaries, domains, settings, told=bool(asked.in_domain))
    notes += about_intervals(figures, bootstrap) + about_split(summaries, domains, split, figures)
    notes += cautions(grouping.groups) + about_evaluations([run for run in runs if run.metrics.keys() & summaries])
    notes += [
        f"Left out, not scored on {', '.join(lacking(each, domains))}: {each.folder}."
        for each in encoders
        if each not in whole
    ]
    notes += [f"Left out, a later run scored the same: {run.folder}." for run in superseded(runs, encoders)]
    return Shift(
        figures,
        grids(figures, domains, split, bootstrap.confidence),
        notes + confounded(grouping) + left_out(grouping, skipped),
    )


def _figures(
    group: RunGroup, domains: Domains, settings: Sequence[str], metric: str, split: Split | None, bootstrap: Bootstrap
) -> list[Figure]:
    """Of one group: setting by setting, and then the split."""
    parts = split_figures(group, split, metric) if split else []
    return shift_figures(group, domains, settings, metric, bootstrap) + parts
