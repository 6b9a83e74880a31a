"""The end of a sweep: one table of its jobs, the same whatever launched them and wherever they ran."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from src.errors import InputError
from src.evaluation.dimensions import is_whole
from src.reporting.commands import nearby, python
from src.reporting.folder import METRICS, RECORD, read_json
from src.reporting.tables import SETTINGS, columns_of, counted, new_table, number
from src.sweeps.jobs import FAILED, GOOD, INTERRUPTED, NO_END, SweptJob

STYLES = {FAILED: "red", INTERRUPTED: "yellow", NO_END: "yellow"}


def read_jobs(notes: Path) -> list[SweptJob]:
    """The jobs of one start of a sweep, in order, with what their folders hold."""
    jobs = [SweptJob(**read_json(path)) for path in notes.glob("*.json")]
    return [_with_results(job) for job in sorted(jobs, key=lambda job: job.number)]


def headline(metrics: Mapping[str, Mapping[str, Any]], asked: str | None) -> tuple[str | None, float | None]:
    """`setting/metric` and its value: what was asked for, else what the table of the run's benchmark leads with."""
    whole = [summary["settings"] for summary in metrics.values() if is_whole(summary)]
    if not whole:
        return asked, None
    settings = whole[-1]  # a suite comes after its members
    if asked is None:
        setting = next((name for name in reversed(SETTINGS) if name in settings), next(iter(settings)))
        asked = f"{setting}/{columns_of([settings[setting]])[0]}"
    setting, _, metric = asked.partition("/")
    return asked, settings.get(setting, {}).get(metric)


def report_sweep(out: Console, sweep: Path, jobs: Sequence[SweptJob]) -> None:
    """Print the table of a sweep's jobs, and how to go on where some have not finished."""
    missing = [job for job in jobs if job.status not in GOOD]
    done = f"{len(jobs) - len(missing)} of {counted(len(jobs), 'job')} finished"
    metrics = list(dict.fromkeys(job.metric for job in jobs if job.value is not None and job.metric))
    led_by = f" · {', '.join(metrics).replace('/', ' ')}" if metrics else ""
    out.print()
    out.print(Group(Text.assemble((f" sweep {sweep.name}", "bold"), f" · {done}{led_by}"), Text(), _table(jobs, sweep)))
    for job in missing:
        why = f": {job.error}" if job.error else ""
        out.print(Text(f" #{job.number} {job.status}{why}", style=STYLES[job.status]), soft_wrap=True)
    out.print(Text(f" folders are in {nearby(sweep)}", style="dim"), soft_wrap=True)
    if len(missing) < len(jobs):
        command = " ".join([python(), "-m", "src.compare", shlex.quote(str(nearby(sweep)))])
        out.print(Text(f" compare the finished ones with {command}", style="dim"), soft_wrap=True)
    if missing:
        again = f"the same command with sweep={sweep.name}" if sweep.parent.name == "outputs" else "the same command"
        out.print(Text(f" go on with {again}: finished jobs are not run again", style="dim"), soft_wrap=True)


def _table(jobs: Sequence[SweptJob], sweep: Path) -> Table:
    names = {job.metric.split("/")[1] for job in jobs if job.value is not None and job.metric}
    table = new_table("#", "swept", "status", names.pop() if len(names) == 1 else "metric", "seconds", "folder")
    for position in (1, 2, 5):
        table.columns[position].justify = "left"
    for position in (1, 5):
        table.columns[position].no_wrap, table.columns[position].overflow = False, "fold"
    for job in jobs:
        table.add_row(
            str(job.number),
            Text(job.swept),
            Text(job.status, style=STYLES.get(job.status, "")),
            number(job.value),
            number(job.seconds, digits=1),
            Text(_inside(Path(job.folder), sweep)),
        )
    return table


def _inside(folder: Path, sweep: Path) -> str:
    return str(folder.relative_to(sweep) if folder.is_relative_to(sweep) else folder)


def _with_results(job: SweptJob) -> SweptJob:
    record = _read(Path(job.folder, RECORD))
    job = replace(job, seconds=record.get("wall_seconds"))
    if job.status == NO_END and record.get("status") == INTERRUPTED:
        return replace(job, status=INTERRUPTED, error=None)
    if job.status not in GOOD:
        return job
    metric, value = headline(_read(Path(job.folder, METRICS)), job.metric)
    return replace(job, metric=metric, value=value)


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(read_json(path))
    except (OSError, InputError):
        return {}
