"""Which runs may stand in one table: what is refused, and what is said aloud."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from src.errors import InputError
from src.reporting.grouping import RunGroup
from src.reporting.runs import Run

RECORDED = {"data": ("data", "fingerprint"), "steps": ("training", "steps"), "commit": ("git", "commit")}
NAMED = 3  # groups that a note names before it only counts them
NOT_METRICS = ("queries", "results")


def refuse_mixed(runs: Sequence[Run], benchmark: str) -> None:
    """InputError where runs were scored on different content, or by different metrics, under one benchmark's name."""
    for what, of in {"content (fingerprint)": _fingerprint, "metrics": _metrics}.items():
        first = of(runs[0].metrics[benchmark])
        for run in runs[1:]:
            other = of(run.metrics[benchmark])
            if other != first:
                raise InputError(
                    f"Runs of {benchmark!r} differ in {what}: {first} and {other}.",
                    where=f"{runs[0].folder} and {run.folder}",
                    fix="compare only runs that were scored alike, or score one again with python -m src.evaluate",
                )


def _fingerprint(summary: Mapping[str, Any]) -> str:
    return str(summary["fingerprint"])


def _metrics(summary: Mapping[str, Any]) -> str:
    settings = summary["settings"].items()
    return "; ".join(f"{name} {' '.join(sorted(set(values) - set(NOT_METRICS)))}" for name, values in sorted(settings))


def cautions(groups: Sequence[RunGroup]) -> list[str]:
    """What a reader of the table must know: other data, other steps, other code, no repetitions."""
    notes = []
    for name, path in RECORDED.items():
        holders: dict[str, list[str]] = {}
        for group in groups:
            for value in dict.fromkeys(value for run in group.runs for value in _recorded(run, path)):
                holders.setdefault(value, []).append(group.label)
        if len(holders) > 1:
            told = "; ".join(f"{value[:12]} in {_some(labels)}" for value, labels in holders.items())
            notes.append(f"Not the same {name} in all runs: {told}.")
    single = [group.label for group in groups if len(group.runs) == 1]
    if single:
        notes.append(f"1 run, so no spread: {_some(single)}.")
    return notes


def _some(labels: Sequence[str]) -> str:
    return ", ".join(labels) if len(labels) <= NAMED else f"{len(labels)} groups"


def _recorded(run: Run, path: Sequence[str]) -> list[str]:
    """What the run and the training behind it say, if either does."""
    said = [_at(record, path) for record in run.records]
    return [str(value) for value in said if value is not None] or ["None"]


def _at(record: Mapping[str, Any], path: Sequence[str]) -> Any:
    value: Any = record
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
