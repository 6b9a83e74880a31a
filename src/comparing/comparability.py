"""Which runs may stand in one table: what is refused, and what is said aloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from src.comparing.grouping import RunGroup
from src.comparing.runs import Run
from src.errors import InputError

RECORDED = {"data": ("data", "fingerprint"), "steps": ("training", "steps"), "commit": ("git", "commit")}
NAMED = 3  # groups that a note names before it only counts them
NOT_METRICS = ("queries", "results")


def refuse_mixed(runs: Sequence[Run], benchmark: str) -> None:
    """InputError where runs were scored on other content, another pool or by other metrics under one name."""
    for what, of in {"content (fingerprint)": _fingerprint, "pool": _pool, "metrics": _metrics}.items():
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


def _pool(summary: Mapping[str, Any]) -> str:
    return f"{summary['queries']} queries, {summary['candidates']} candidates in {' '.join(summary['languages'])}"


def _metrics(summary: Mapping[str, Any]) -> str:
    settings = summary["settings"].items()
    return "; ".join(f"{name} {' '.join(sorted(set(values) - set(NOT_METRICS)))}" for name, values in sorted(settings))


def cautions(groups: Sequence[RunGroup]) -> list[str]:
    """What a reader of the table must know: other data, other steps, other code, no repetitions."""
    notes = []
    for name, path in RECORDED.items():
        notes += _told(name, groups, partial(_recorded, path=path))
    single = [group.label for group in groups if len(group.runs) == 1]
    if single:
        notes.append(f"1 run, so no spread: {some(single)}.")
    return notes


def other_searches(groups: Sequence[RunGroup], benchmark: str) -> list[str]:
    """An approximate search misses answers that an exact one finds, which is no difference between encoders."""
    return _told(f"search on {benchmark}", groups, lambda run: [_search(run.metrics[benchmark].get("search") or {})])


def _search(search: Mapping[str, Any]) -> str:
    return " ".join(str(search[key]) for key in ("name", "factory") if search.get(key)) or "exact"


def _told(name: str, groups: Sequence[RunGroup], of: Callable[[Run], list[str]]) -> list[str]:
    """Which groups have which value, unless all have the same."""
    holders: dict[str, list[str]] = {}
    for group in groups:
        for value in dict.fromkeys(value for run in group.runs for value in of(run)):
            holders.setdefault(value, []).append(group.label)
    told = "; ".join(f"{_short(value)} in {some(labels)}" for value, labels in holders.items())
    return [f"Not the same {name} in all runs: {told}."] if len(holders) > 1 else []


def _short(value: str) -> str:
    """The beginning of a hash."""
    return value[:12] if value.isalnum() else value


def some(labels: Sequence[str]) -> str:
    """Names of groups, or how many there are."""
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
