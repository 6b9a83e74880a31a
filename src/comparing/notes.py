"""What a comparison's tables do not show: how differences were tested, and what is not in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from src.comparing.comparability import some
from src.comparing.comparison import Row
from src.comparing.differences import Compared
from src.comparing.grouping import Grouping
from src.comparing.interval import Bootstrap
from src.comparing.runs import Run, Skipped
from src.reporting.folder import PER_QUERY

NAMED = 3  # folders that a note names before it only counts them
ENOUGH = 3  # seeds, of which the crossed test keeps its rate
MANY = 20  # concepts, of which an interval over them holds the truth nearly as often as it says


def about_tests(every: Sequence[Compared], bootstrap: Bootstrap) -> list[str]:
    """How the differences were made and tested."""
    rows = [row for found in every for row in found.rows if row.against]
    if not rows:
        return []
    families = " and ".join(str(found.family) for found in every if found.family)
    notes = [
        f"Intervals: {100 * bootstrap.confidence:g} % over concepts ({bootstrap.resamples:,} resamples, translations "
        "of a question together); with two or more seeds in common over seeds too, where that is the wider one."
    ]
    if families:
        notes.append(
            "p: two-sided, the larger of approximate randomisation over concepts and of a test over concepts and "
            f"seeds, corrected (Holm) for all {families} comparisons of two groups, which intervals are not. More in "
            "docs/comparing.md."
        )
    return notes + _few_concepts(every) + _seeds(rows) + _some_seeds(every) + _untested(every, rows)


def _few_concepts(every: Sequence[Compared]) -> list[str]:
    """Benchmarks on which p may be trusted and an interval over concepts may not, or cannot be."""
    few = [f"{each.concepts} on {each.rows[0].benchmark}" for each in every if 1 < (each.concepts or MANY) < MANY]
    one = [each.rows[0].benchmark for each in every if each.concepts == 1]
    return [
        *([f"Of so few concepts intervals over them are too narrow, p is not: {', '.join(few)}."] if few else []),
        *([f"No interval over a single concept: {', '.join(one)}."] if one else []),
    ]


def unmeasured(every: Sequence[Compared]) -> list[str]:
    """Figures that a group lacks and others have: a mean over some of its runs would not be theirs to compare."""
    lacking: dict[str, list[str]] = {}
    for found in every:
        held = {(row.group, row.setting, row.metric) for row in found.rows}
        for setting, metric in dict.fromkeys((row.setting, row.metric) for row in found.rows):
            groups = dict.fromkeys(row.group for row in found.rows)
            missing = [group for group in groups if (group, setting, metric) not in held]
            if missing:
                lacking[f"{setting} {metric} on {found.rows[0].benchmark}"] = missing
    told = "; ".join(f"{what} of {some(groups)}" for what, groups in lacking.items())
    return [f"No figure, as not every run has one: {told}."] if told else []


def _some_seeds(every: Sequence[Compared]) -> list[str]:
    """Groups whose means are over other runs than their differences."""
    groups: dict[str, None] = {}
    for found in every:
        runs = {row.group: row.spread.runs for row in found.rows}
        for row in found.rows:
            if row.against and 0 < row.against.paired_seeds < max(row.spread.runs, runs[row.against.baseline]):
                groups[row.group] = None
    if not groups:
        return []
    return [f"Means are over all runs, differences from the baseline over seeds that both have: {some([*groups])}."]


def _seeds(rows: Sequence[Row]) -> list[str]:
    """What too few seeds in common leave open."""
    notes = []
    seeds: dict[str, int] = {}  # of several benchmarks the one with the fewest in common
    for row in rows:
        if row.against:
            seeds[row.group] = min(row.against.paired_seeds, seeds.get(row.group, row.against.paired_seeds))
    unpaired = [group for group, count in seeds.items() if count == 0]
    if unpaired:
        notes.append(f"No seed in common with the baseline, so runs are not paired: {some(unpaired)}.")
    few = [group for group, count in seeds.items() if 0 < count < ENOUGH]
    if few:
        notes.append(
            f"Fewer than {ENOUGH} seeds in common with the baseline, too few to know how much seeds differ: "
            f"{some(few)}."
        )
    return notes


def _untested(every: Sequence[Compared], rows: Sequence[Row]) -> list[str]:
    """Figures without an interval, and the runs that are to blame."""
    without = list(dict.fromkeys(run.folder for found in every for run in found.without))
    notes = []
    if without:
        notes.append(f"No {PER_QUERY}, so no interval and no test: {_folders(without)}.")
    if any(row.against and row.against.p is None for row in rows):
        notes.append(
            f"No interval of a suite's average or of a gap between languages, nor where a run left no {PER_QUERY}."
        )
    return notes


def _folders(folders: Sequence[Path]) -> str:
    more = [f"{len(folders) - NAMED} more"] if len(folders) > NAMED else []
    return ", ".join([*map(str, folders[:NAMED]), *more])


def other_sizes(runs: Sequence[Run], dimension: int | None) -> list[str]:
    """That there is more to compare than whole embeddings."""
    sizes = sorted({size for run in runs for size in run.sizes}, reverse=True)
    if not sizes or dimension is not None:
        return []
    return [f"Also scored at {', '.join(map(str, sizes))} dimensions: dimension={sizes[0]} compares these."]


def confounded(grouping: Grouping) -> list[str]:
    """Settings that differ between groups and are not in their names."""
    told = "; ".join(f"{key} ({', '.join(map(str, of))})" for key, of in grouping.labels.confounded.items())
    return [f"Also different between groups, so that a difference may be theirs: {told}."] if told else []


def left_out(grouping: Grouping, skipped: Sequence[Skipped]) -> list[str]:
    """Runs that are not in the tables."""
    unused = dict.fromkeys(run.folder for run in grouping.repeated)
    used = {run.folder for group in grouping.groups for run in group.runs}
    notes = [f"Left out, a later or finished run has the same settings and seed: {folder}." for folder in unused]
    for each in skipped:
        if each.folder not in unused:
            curve = each.folder in used
            notes.append(f"{'Only its learning curve counts' if curve else 'Left out'}, {each.reason}: {each.folder}.")
    return notes
