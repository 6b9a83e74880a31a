"""Several benchmarks scored together, and the average that is reported of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from src.errors import InputError
from src.evaluation.benchmark import SETTINGS, Benchmark

AVERAGE = "average"  # the setting of a suite's own score
COUNTS = ("queries", "results")

Summary = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Suite:
    """Benchmarks, or suites of them, and what their average is a mean over."""

    name: str
    members: tuple[Benchmark | Suite, ...]
    over: str  # such as "languages", "domains", "tasks"

    def __post_init__(self) -> None:
        if not self.members:
            raise InputError("the suite has no members", where=self.name)
        names = [self.name, *(each.name for each in self.members)]
        if len(set(names)) < len(names):
            raise InputError(f"two members of the suite have the same name: {', '.join(names[1:])}", where=self.name)


def benchmarks_of(loaded: Benchmark | Suite) -> list[Benchmark]:
    """The benchmarks of a suite and of the suites in it, in order; a benchmark itself."""
    if isinstance(loaded, Benchmark):
        return [loaded]
    return [benchmark for member in loaded.members for benchmark in benchmarks_of(member)]


def averages(loaded: Benchmark | Suite, summaries: Mapping[str, Summary]) -> dict[str, dict[str, Any]]:
    """A summary of each suite by name, the outermost last, from those of its benchmarks; none for a benchmark.

    It looks like a benchmark's. Where all members measure the same, each setting and metric is the mean over members,
    whatever their sizes. Its `average` is the mean of the members' scores: of each the headline metric in its
    `score_setting`, or in the mean of its settings.
    """
    if isinstance(loaded, Benchmark):
        return {}
    inner: dict[str, dict[str, Any]] = {}
    for member in loaded.members:
        inner |= averages(member, summaries)
    return inner | {loaded.name: _average(loaded, {**summaries, **inner})}


def measures_of(loaded: Benchmark | Suite) -> list[str]:
    """What can be asked for as <setting>/<metric>."""
    if isinstance(loaded, Suite):
        return [f"{AVERAGE}/score"]
    return [f"{setting}/{metric}" for setting in loaded.measured for metric in loaded.metrics]


def _average(suite: Suite, summaries: Mapping[str, Summary]) -> dict[str, Any]:
    members = {each.name: summaries[each.name] for each in suite.members}
    scores = {each.name: _score(each, members[each.name]) for each in suite.members}
    sizes = {size: sum(summary[size] for summary in members.values()) for size in ("candidates", "queries")}
    whole = {"score": float(np.mean(list(scores.values()))), "queries": sizes["queries"], "results": len(members)}
    return {
        "name": suite.name,
        "over": suite.over,
        "members": scores,
        "languages": list(dict.fromkeys(code for summary in members.values() for code in summary["languages"])),
        "fingerprint": hashlib.sha256("".join(each["fingerprint"] for each in members.values()).encode()).hexdigest(),
        "template": " | ".join(dict.fromkeys(summary["template"] for summary in members.values())),
        **sizes,
        "settings": {**_shared(list(members.values())), AVERAGE: whole},
        "bias": {},
        "by_language": {},
        "pairs": {},
    }


def _score(member: Benchmark | Suite, summary: Summary) -> float:
    if isinstance(member, Suite):
        return float(summary["settings"][AVERAGE]["score"])
    settings = summary["settings"]
    chosen = settings if member.score_setting is None else [member.score_setting]
    return float(np.mean([settings[setting][member.headline] for setting in chosen]))


def _shared(summaries: Sequence[Summary]) -> dict[str, dict[str, Any]]:
    """Means over the members of each setting's metrics, if all members have the same settings and metrics."""
    alike = {tuple((setting, *sorted(values)) for setting, values in each["settings"].items()) for each in summaries}
    if len(alike) > 1 or AVERAGE in summaries[0]["settings"]:
        return {}
    return {
        setting: {
            **{
                metric: float(np.mean([each["settings"][setting][metric] for each in summaries]))
                for metric in values
                if metric not in COUNTS
            },
            "queries": sum(each["settings"][setting]["queries"] for each in summaries),
            "results": len(summaries),
        }
        for setting, values in summaries[0]["settings"].items()
        if setting in SETTINGS
    }
