"""Runs grouped by what they were asked to do; those that differ in nothing but the seed are repetitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from src.errors import InputError
from src.reporting.runs import Run
from src.reporting.settings import settings

ABSENT = "-"
USUAL_BASELINE = "sampler=monolingual"


@dataclass(frozen=True, eq=False)
class RunGroup:
    """Repetitions of one setting of all that differs."""

    label: str  # such as "sampler=hybrid alpha=0.5"
    runs: tuple[Run, ...]


@dataclass(frozen=True, eq=False)
class Grouping:
    """The groups, and settings that differ between them but are not in their labels."""

    groups: list[RunGroup]
    confounded: dict[str, list[Any]]  # key -> its values: they differ together with a key of the labels
    repeated: list[Run]  # left out: a later run has the same settings and seed


def group_runs(runs: Sequence[Run], ignore: Sequence[str] = ()) -> Grouping:
    """Group runs by all settings but the seed; labels name as few keys as tell the groups apart."""
    described = [describe(run, ignore) for run in runs]
    keys = list(dict.fromkeys(key for settings_ in described for key in settings_))
    differing = [key for key in keys if len({repr(each.get(key, ABSENT)) for each in described}) > 1]
    naming = _naming(described, differing)
    members: dict[tuple[str, ...], list[int]] = {}
    for position, each in enumerate(described):
        members.setdefault(_values(each, differing), []).append(position)
    groups = [
        RunGroup(_label(described[which[0]], naming), _latest(runs[position] for position in which))
        for which in members.values()
    ]
    kept = {run.folder for group in groups for run in group.runs}
    return Grouping(
        sorted(groups, key=lambda group: group.label),
        _confounded(described, differing, naming),
        [run for run in runs if run.folder not in kept],
    )


def describe(run: Run, ignore: Sequence[str] = ()) -> dict[str, Any]:
    """Hydra's choices (`sampler`: `hybrid`) and then every setting of a run but its seeds."""
    flat = settings(run.config, run.record.get("folder", run.folder), ignore)
    choices = {
        group: choice
        for group, choice in run.record.get("choices", {}).items()
        if group in run.config and group not in ("logger", *ignore)
    }
    return choices | {key: value for key, value in flat.items() if key.rsplit(".", 1)[-1] != "seed"}


def _latest(runs: Iterable[Run]) -> tuple[Run, ...]:
    """One run a seed, in the order of the seeds: a run done twice is not two repetitions."""
    by_start = sorted(runs, key=lambda run: str(run.record.get("start")))
    of_seed = {run.seed: run for run in by_start}
    return tuple(of_seed[seed] for seed in sorted(of_seed, key=lambda seed: (str(type(seed)), seed)))


def _values(described: Mapping[str, Any], keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(repr(described.get(key, ABSENT)) for key in keys)


def _naming(described: Sequence[Mapping[str, Any]], differing: Sequence[str]) -> list[str]:
    """The keys, choices first, each of which tells apart runs that the keys before it do not."""
    naming: list[str] = []
    for key in differing:
        if len({_values(each, [*naming, key]) for each in described}) > len(
            {_values(each, naming) for each in described}
        ):
            naming.append(key)
    return naming


def _label(described: Mapping[str, Any], naming: Sequence[str]) -> str:
    """Short names: a key's last part, or the whole key where two share it."""
    short = [key.rsplit(".", 1)[-1] for key in naming]
    names = [last if short.count(last) == 1 else key for key, last in zip(naming, short, strict=True)]
    parts = [f"{name}={described[key]}" for key, name in zip(naming, names, strict=True) if key in described]
    return " ".join(parts) or "all runs"


def _confounded(
    described: Sequence[Mapping[str, Any]], differing: Sequence[str], naming: Sequence[str]
) -> dict[str, list[Any]]:
    """Differing keys outside the groups that the labels choose: a difference in results may be theirs."""
    chosen = {key for key in naming if "." not in key}
    hidden = [key for key in differing if key not in naming and key.split(".", 1)[0] not in chosen]
    return {key: list(dict.fromkeys(each.get(key, ABSENT) for each in described)) for key in hidden}


def choose_baseline(groups: Sequence[RunGroup], asked: str | None) -> RunGroup | None:
    """The group whose label holds `asked`; unasked, monolingual batches if there are any, else the first group."""
    if len(groups) < 2:
        return None
    if asked is None:
        return next((group for group in groups if USUAL_BASELINE in group.label.split()), groups[0])
    found = [group for group in groups if group.label == asked] or [group for group in groups if asked in group.label]
    if len(found) != 1:
        raise InputError(
            f"{'More than one' if found else 'No'} group of runs is called {asked!r}.",
            where="baseline",
            fix=f"use one of: {'; '.join(group.label for group in groups)}",
        )
    return found[0]
