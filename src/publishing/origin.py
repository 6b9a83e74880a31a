"""Where a comparison's figures come from: runs, seeds, code, data and versions, from the runs' records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from src.comparing.runs import Run
from src.publishing.apart import NOT_RECORDED
from src.publishing.page_tables import Body, PageTable, Shown

if TYPE_CHECKING:
    from src.comparing.comparing import Comparison

HASH = 12  # characters of a hash that tell it from others


def runs_table(comparison: Comparison) -> PageTable:
    """Every run: its seed, steps, code, data, and when it began."""
    headers = ["run", "seed", "steps", "commit", "training data", "settings", "began", "seconds"]
    bodies = [Body(group.label, [(run.folder.name, _cells(run)) for run in group.runs]) for group in comparison.groups]
    notes = ["Training data and settings by the beginning of their SHA-256."]
    dirty = any((_of(run, "git") or {}).get("dirty") for run in _runs(comparison))
    return PageTable("Runs", headers, bodies, notes + (["+: with changes that were not committed."] if dirty else []))


def facts(comparison: Comparison) -> dict[str, list[str]]:
    """What all runs say of one thing: one value, or several where they do not agree."""
    runs = _runs(comparison)
    found = {f"benchmark {name}": [_fingerprint(run, name) for run in runs] for name in comparison.metrics}
    found["training data"] = [(_of(run, "data") or {}).get("name") for run in runs]
    environments = [_of(run, "environment") or {} for run in runs]
    for name in dict.fromkeys(name for each in environments for name in each):
        found[name] = [each.get(name) for each in environments]
    told = {name: list(dict.fromkeys(str(value) for value in values if value)) for name, values in found.items()}
    return {name: values for name, values in told.items() if values}


def commands(comparison: Comparison) -> list[str]:
    """What was typed to train and to score, each once."""
    records = [record for run in _runs(comparison) for record in run.records]
    return list(dict.fromkeys(str(record["command"]) for record in records if record.get("command")))


def _runs(comparison: Comparison) -> list[Run]:
    return [run for group in comparison.groups for run in group.runs]


def _cells(run: Run) -> list[Shown]:
    git, data = _of(run, "git") or {}, _of(run, "data") or {}
    commit = _short(git.get("commit")) + ("+" if git.get("dirty") else "")
    seconds = run.record.get("wall_seconds")
    began = str(run.record.get("start") or NOT_RECORDED)[:16].replace("T", " ")
    return [
        Shown(_text(run.seed)),
        Shown(_text((_of(run, "training") or {}).get("steps"))),
        Shown(commit),
        Shown(_short(data.get("fingerprint"))),
        Shown(_short(run.record.get("config_hash"))),
        Shown(began),
        Shown(NOT_RECORDED if seconds is None else f"{seconds:,.0f}"),
    ]


def _of(run: Run, section: str) -> Any:
    """A section of the training's record where it has one, else of the run's own."""
    return next((record[section] for record in run.records if record.get(section)), None)


def _fingerprint(run: Run, benchmark: str) -> str | None:
    return run.metrics.get(benchmark, {}).get("fingerprint")


def _short(value: Any) -> str:
    return NOT_RECORDED if value is None else str(value)[:HASH]


def _text(value: Any) -> str:
    return NOT_RECORDED if value is None else str(value)
