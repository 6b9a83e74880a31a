"""Runs grouped by what they were asked to do; those that differ in nothing but the seed are repetitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from src.comparing.labels import Described, Labels, differing_keys, in_order, name_groups, values_of
from src.comparing.runs import Run
from src.errors import InputError
from src.reporting.settings import settings

USUAL_BASELINE = "sampler=monolingual"
NO_RESULT = (  # settings that never change a figure, but may add some; a table that other settings are read from
    "save_run",
    "optimized_metric",
    "dimensions",
    "by_batch_size",
)
OF_SCORING = (
    "benchmark",
    "search",
    "encoding",
)  # of a training run: what it scored itself on, which does not describe its encoder
OPTIONAL = ("debias", "adapter", "augmentation")  # groups that a run may do without
LISTED = ("terms",)  # groups of which a run takes any number, which Hydra does not record as choices
OF_SPEED = ("device", "encoding.tokens_per_batch", "search.device", "search.gpu")  # of an evaluation: how fast it goes


@dataclass(frozen=True, eq=False)
class RunGroup:
    """Repetitions of one setting of all that differs."""

    label: str  # such as "sampler=hybrid alpha=0.5"
    runs: tuple[Run, ...]


@dataclass(frozen=True, eq=False)
class Grouping:
    """The groups by name, how they are named, and runs that were left out."""

    groups: list[RunGroup]
    labels: Labels
    repeated: list[Run]  # a later or a finished run has the same settings and seed

    @property
    def finished(self) -> list[RunGroup]:
        """The groups, without runs that stopped early and groups of nothing else."""
        some = [replace(group, runs=tuple(run for run in group.runs if run.finished)) for group in self.groups]
        return [group for group in some if group.runs]


def group_runs(runs: Sequence[Run], ignore: Sequence[str] = ()) -> Grouping:
    """Group runs by all settings but the seed and the `ignore`d ones."""
    for key in ignore:
        if not any(_holds(run.config, key) or (run.trained and _holds(run.trained.config, key)) for run in runs):
            raise InputError(f"No run has a setting {key!r}.", where="ignore", fix="a key of their config.yaml")
    described = _with_nulls([_describe(run, ignore) for run in runs])
    differing = differing_keys(described)
    members: dict[tuple[str, ...], list[int]] = {}
    for position, each in enumerate(described):
        members.setdefault(values_of(each, differing), []).append(position)
    labels = name_groups([described[which[0]] for which in members.values()], _choices(runs))
    groups = [
        RunGroup(labels.of(described[which[0]]), _latest(runs[position] for position in which))
        for which in members.values()
    ]
    kept = {run.folder for group in groups for run in group.runs}
    repeated = [run for run in runs if run.folder not in kept]
    return Grouping(sorted(groups, key=lambda group: in_order(group.label)), labels, repeated)


def _holds(config: Mapping[str, Any], key: str) -> bool:
    """Whether a configuration has a dotted key."""
    group, _, below = key.partition(".")
    return group in config and (not below or (isinstance(config[group], Mapping) and _holds(config[group], below)))


def _with_nulls(described: Sequence[Described]) -> list[dict[str, Any]]:
    """What some runs add and others do without is null in these, so that their names say so."""
    added = [group for group in OPTIONAL if any(group in each for each in described)]
    return [{**each, **{group: "null" for group in added if group not in each}} for each in described]


def _choices(runs: Sequence[Run]) -> set[str]:
    return {group for run in runs for record in run.records for group in record.get("choices", {})} | {*LISTED}


def _describe(run: Run, ignore: Sequence[str] = ()) -> dict[str, Any]:
    """Hydra's choices (`sampler`: `hybrid`) and then every setting of a run but its seeds.

    An evaluation of a trained encoder is described by what trained it, then by what it was itself asked to do.
    """
    trained = run.trained
    if trained is None:
        return _of(run.config, run.record, run.folder, (*NO_RESULT, *ignore))
    encoder = _of(trained.config, trained.record, trained.folder, (*NO_RESULT, *OF_SCORING, *ignore))
    own = _of(run.config, run.record, run.folder, (*NO_RESULT, *OF_SPEED, "checkpoint", *ignore))
    given = {key: value for key, value in own.items() if value is not None and run.config.get(key, key) is not None}
    return encoder | given | ({} if trained.checkpoint is None else {"checkpoint": trained.checkpoint})


def _of(
    config: Mapping[str, Any], record: Mapping[str, Any], folder: Path, ignore: Sequence[str] = ()
) -> dict[str, Any]:
    flat = settings(config, record.get("folder", folder), ignore)
    choices = {
        group: choice
        for group, choice in record.get("choices", {}).items()
        if group in config and group not in ("logger", *ignore)
    }
    choices |= {group: f"[{','.join(config[group])}]" for group in LISTED if group in config and group not in ignore}
    return choices | {
        key: value for key, value in flat.items() if key.rsplit(".", 1)[-1] != "seed" and key not in LISTED
    }


def _latest(runs: Iterable[Run]) -> tuple[Run, ...]:
    """One run a seed, in the order of the seeds: a run done twice is not two repetitions; a finished one counts."""
    by_start = sorted(runs, key=lambda run: (run.finished, str(run.record.get("start"))))
    of_seed = {run.seed: run for run in by_start}
    return tuple(of_seed[seed] for seed in sorted(of_seed, key=lambda seed: (str(type(seed)), seed)))


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
