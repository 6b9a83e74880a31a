"""The two runs that are compared, and the benchmark on which they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from src.comparing.comparability import NOT_METRICS, refuse_mixed
from src.comparing.grouping import group_runs
from src.comparing.runs import Run, find_runs
from src.errors import InputError

USAGE = "python -m src.errors outputs/<run> outputs/<run>"
USUAL_SETTING = "multilingual"


@dataclass(frozen=True, eq=False)
class Pair:
    """Two runs, A and B."""

    runs: tuple[Run, Run]
    labels: tuple[str, str]  # what tells them apart
    benchmark: str
    setting: str
    metric: str


def find_pair(folders: Sequence[Path], benchmark: str | None, setting: str | None, metric: str | None) -> Pair:
    """The runs of two folders, or the two of one; InputError where they cannot be compared so."""
    if not folders:
        raise InputError("No folder with a run.", fix=USAGE)
    runs = [run for folder in folders for run in find_runs([folder], USAGE)[0]]
    if len(runs) != 2 or runs[0].folder == runs[1].folder:
        found = "; ".join(str(run.folder) for run in runs)
        raise InputError(f"Two runs are compared, and here is {_count(runs)}: {found}.", where="folders", fix=USAGE)
    name = _benchmark(runs, benchmark)
    refuse_mixed(runs, name)
    settings = runs[0].metrics[name]["settings"]
    usual = USUAL_SETTING if USUAL_SETTING in settings else next(iter(settings))
    setting = _known("setting", setting, list(settings), usual)
    metrics = [each for each in settings[setting] if each not in NOT_METRICS]
    return Pair((runs[0], runs[1]), _labels(runs), name, setting, _known("metric", metric, metrics, metrics[0]))


def _count(runs: Sequence[Run]) -> str:
    different = len({run.folder for run in runs})
    return "one" if different == 1 else str(different)


def _benchmark(runs: Sequence[Run], asked: str | None) -> str:
    held = [[name for name, summary in run.metrics.items() if "members" not in summary] for run in runs]
    common = [name for name in held[0] if name in held[1]]
    if not common:
        what = f"The runs have no benchmark in common: {', '.join(held[0])}; {', '.join(held[1])}."
        raise InputError(what, where=f"{runs[0].folder} and {runs[1].folder}", fix="score one again: src.evaluate")
    if asked is None and len(common) > 1:
        fix = f"benchmark_name=... one of {', '.join(common)}"
        raise InputError(f"The runs have {len(common)} benchmarks in common.", where="benchmark_name", fix=fix)
    return _known("benchmark_name", asked, common, common[0])


def _known(what: str, asked: str | None, known: Sequence[str], usual: str) -> str:
    if asked is not None and asked not in known:
        raise InputError(f"No {what} {asked!r} in both runs.", where=what, fix=f"one of {', '.join(known)}")
    return usual if asked is None else asked


def _labels(runs: Sequence[Run]) -> tuple[str, str]:
    """The groups' names as in a comparison; for repetitions the seed, for the same once more the folder."""
    of = {run.folder: group.label for group in group_runs(runs).groups for run in group.runs}
    for told in ([of.get(run.folder) for run in runs], [f"seed={run.seed}" for run in runs]):
        if None not in told and told[0] != told[1]:
            return str(told[0]), str(told[1])
    return runs[0].folder.name, runs[1].folder.name
