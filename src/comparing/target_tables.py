"""Steps, pairs and seconds to a target: a table of groups, what it leaves out, and a CSV of runs."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from src.comparing.comparison import spread_of
from src.comparing.tables import Grid
from src.comparing.to_target import Attempt, Crossing, Target, by_group
from src.reporting.folder import replacing
from src.reporting.tables import counted, number

HEADERS = ["group", "reached", "steps", "pairs", "seconds"]
COLUMNS = ["group", "batch_size", "seed", "metric", "target", "steps", "pairs", "seconds", "at_first_validation"]


def target_table(found: Sequence[Attempt], target: Target) -> Grid:
    """A row a group: how many of its runs reached the target, and means over those."""
    rows = []
    for group, members in by_group(found).items():
        crossings = _crossings(members)
        pairs = [each.pairs for each in members if each.pairs is not None]
        seconds = [each.seconds for each in crossings if each.seconds is not None]
        steps = _over_runs([each.steps for each in crossings], 0)
        rows.append([group, f"{len(crossings)}/{len(members)}", steps, _over_runs(pairs, 0), _over_runs(seconds, 1)])
    return Grid(f"to {target.label} · mean ± standard deviation over runs", HEADERS, rows)


def _over_runs(values: Sequence[float], digits: int) -> str:
    if not values:
        return "–"
    spread = spread_of(values)
    return number(spread.mean, digits) + ("" if spread.std is None else f" ± {number(spread.std, digits)}")


def shortfalls(found: Sequence[Attempt]) -> list[str]:
    """Runs that have no figures, or only bounds."""
    notes = []
    for group, members in by_group(found).items():
        never = len(members) - len(_crossings(members))
        if never:
            some = "; the figures are those of the others, so too small" if never < len(members) else ""
            notes.append(f"{group}: {never} of {counted(len(members), 'run')} never reached the target{some}.")
    crossings = _crossings(found)
    early = sum(each.at_once for each in crossings)
    if early:
        notes.append(f"{counted(early, 'run')} had reached the target by the first validation: counted as there.")
    untimed = sum(each.seconds is None for each in crossings)
    return [*notes, f"{counted(untimed, 'run')} logged no time (train/seconds)."] if untimed else notes


def _crossings(found: Sequence[Attempt]) -> list[Crossing]:
    return [each.crossing for each in found if each.crossing is not None]


def write_attempts(path: Path, found: Sequence[Attempt], target: Target) -> Path:
    """One row a run, in full precision; empty where it never reached the target."""
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for each in found:
            crossing = each.crossing
            figures = [crossing.steps, each.pairs, crossing.seconds, crossing.at_once] if crossing else [None] * 4
            writer.writerow([each.group, each.batch_size, each.run.seed, target.metric, target.value, *figures])
    return path
