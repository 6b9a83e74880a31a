"""What `python -m src.compare` does: find runs, group them, compare them, tell it in three forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from src.comparing.cases import Case, cases_of
from src.comparing.comparability import cautions
from src.comparing.comparison import Row
from src.comparing.differences import compare_groups
from src.comparing.grouping import RunGroup, group_runs
from src.comparing.interval import Bootstrap
from src.comparing.learning import Learning, compare_learning
from src.comparing.notes import about_tests, confounded, left_out, other_sizes, unmeasured
from src.comparing.runs import find_runs
from src.comparing.tables import Grid, grids, write_csv, write_markdown
from src.comparing.target_tables import write_attempts
from src.comparing.verdict_forms import markdown, write_verdicts
from src.comparing.verdicts import Verdict, verdicts


@dataclass(frozen=True, eq=False)
class Comparison:
    """All that a comparison found."""

    rows: list[Row]
    best: list[Row]  # the best group of each setting of the leading metric, and of bias, against every other
    tables: list[Grid]
    notes: list[str]
    learning: Learning
    groups: list[RunGroup]  # in the order of the tables
    baselines: dict[str, str]  # benchmark -> label of its baseline, where it has one
    verdicts: list[Verdict]
    metrics: dict[str, str]  # benchmark -> the metric that its tables lead with
    confidence: float
    warnings: list[str]  # of the notes: what may make the runs incomparable
    trained: list[RunGroup]  # the groups with runs that stopped early, too, which have learning curves only

    def write(self, folder: Path) -> list[Path]:
        """comparison.csv and .md; with a baseline best.csv and verdicts.csv; with a target to_target.csv."""
        page = (folder / "comparison.md", self.tables, [note for note in self.notes if note not in self.warnings])
        files = [
            write_csv(folder / "comparison.csv", self.rows),
            write_markdown(*page, warnings=self.warnings, words=markdown(self.verdicts)),
        ]
        if self.verdicts:
            files.append(write_csv(folder / "best.csv", self.best))
            files.append(write_verdicts(folder / "verdicts.csv", self.verdicts))
        if self.learning.target is not None:
            files.append(write_attempts(folder / "to_target.csv", self.learning.attempts, self.learning.target))
        return files


def compare_runs(
    folders: Sequence[Path],
    bootstrap: Bootstrap,
    *,
    baseline: str | None = None,
    metric: str | None = None,
    ignore: Sequence[str] = (),
    target: str | None = None,
    dimension: int | None = None,
) -> Comparison:
    """Compare all finished runs below the folders, benchmark by benchmark: whole embeddings, or cut to `dimension`."""
    runs, skipped = find_runs(folders, dimension=dimension)
    grouping = group_runs([*runs, *(each.begun for each in skipped if each.begun)], ignore)
    finished = grouping.finished
    cases = cases_of(finished, baseline, metric)
    every = [compare_groups(case.groups, case.baseline, case.benchmark, case.metric, bootstrap) for case in cases]
    rows = [row for found in every for row in found.rows]
    tables = [
        table
        for case, found in zip(cases, every, strict=True)
        for table in grids(found.rows, case.metric, bootstrap.confidence)
    ]
    learning = compare_learning(grouping.groups, target, bootstrap)
    warnings = [*cautions(finished), *(note for case in cases for note in case.warnings), *confounded(grouping)]
    usually = grouping.labels.usually
    order = list(dict.fromkeys(row.group for row in rows))  # of the tables
    return Comparison(
        rows,
        [row for found in every for row in found.best],
        tables + learning.tables,
        [
            *([f"Unless a group's name says otherwise: {usually}."] if usually else []),
            *warnings,
            *other_sizes(runs, dimension),
            *(note for case in cases for note in case.notes),
            *unmeasured(every),
            *about_tests(every, bootstrap),
            *learning.notes,
            *left_out(grouping, skipped),
        ],
        learning,
        _sorted(finished, order),
        _baselines(cases),
        [verdict for found in every for verdict in verdicts(found, bootstrap.confidence)],
        {case.benchmark: case.metric for case in cases},
        bootstrap.confidence,
        warnings,
        _sorted(grouping.groups, order),
    )


def _baselines(cases: Sequence[Case]) -> dict[str, str]:
    return {case.benchmark: case.baseline.label for case in cases if case.baseline}


def _sorted(groups: Sequence[RunGroup], order: Sequence[str]) -> list[RunGroup]:
    """In an order of labels; groups that have none last."""
    return sorted(groups, key=lambda group: order.index(group.label) if group.label in order else len(order))
