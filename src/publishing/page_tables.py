"""Tables as a page shows them: every cell with its role, rows in groups, a caption that says what the marks mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from src.comparing.tables import Grid
from src.comparing.verdicts import told_p
from src.publishing.marked import STRONG, Cell, Column, Marked
from src.reporting.tables import number

DASH = "–"
ARROWS = {1: "↑", -1: "↓", None: ""}  # which way is better


@dataclass(frozen=True)
class Shown:
    """One cell."""

    text: str
    small: str = ""  # the spread, in smaller print
    mark: str = ""
    kind: str = ""  # best, level, or nothing


@dataclass(frozen=True)
class Body:
    """Rows that belong together, under a heading if there is one: each a label and its cells."""

    heading: str
    rows: list[tuple[str, list[Shown]]]


@dataclass(frozen=True)
class PageTable:
    """One table."""

    caption: str
    headers: list[str]
    bodies: list[Body]
    notes: list[str] = field(default_factory=list)


def results(table: Marked, confidence: float) -> PageTable:
    """Means and spreads, the best marked."""
    rows = [(label, [Shown(f"{table.runs[label]}"), *map(_shown, cells)]) for label, cells in table.rows]
    headers = ["group", "runs", *(_heading(column) for column in table.columns)]
    caption = f"{table.benchmark} · {table.title} · mean ± standard deviation over runs"
    return PageTable(caption, headers, [Body("", rows)], _marks(table, confidence))


def differences(table: Marked, confidence: float) -> PageTable | None:
    """Each group against the baseline with interval and tests; None where there is nothing to hold it against."""
    bodies = []
    for label, cells in table.rows:
        pairs = zip(table.columns, cells, strict=True)
        rows = [(column.name, _against(cell)) for column, cell in pairs if cell and cell.against]
        bodies += [Body(label, rows)] if rows else []
    if not bodies:
        return None
    headers = ["measure", "difference", f"{100 * confidence:g} % interval", "p", "effect", "languages won"]
    caption = f"{table.benchmark} · {table.title} · difference from {table.baseline}"
    return PageTable(caption, headers, bodies, ABOUT_DIFFERENCES)


def of_grid(grid: Grid, notes: Sequence[str] = ()) -> PageTable:
    """A table of the terminal: a line with nothing but a label is a heading."""
    bodies: list[Body] = []
    for label, *cells in grid.rows:
        if not any(cells):
            bodies.append(Body(label, []))
        else:
            bodies += [] if bodies else [Body("", [])]
            bodies[-1].rows.append((label.strip(), [Shown(cell) for cell in cells]))
    return PageTable(grid.title, grid.headers, bodies, list(notes))


ABOUT_DIFFERENCES = [
    "p: the larger of approximate randomisation over concepts and, where seeds are paired, of the test over concepts "
    "and seeds; corrected (Holm) for all comparisons of the benchmark. Effect: the difference in standard deviations "
    "of the concepts' differences."
]


def _heading(column: Column) -> str:
    return f"{column.name} {ARROWS[column.direction]}".strip()


def _shown(cell: Cell | None) -> Shown:
    if cell is None:
        return Shown(DASH)
    spread = "" if cell.spread.std is None else f"± {number(cell.spread.std, cell.digits)}"
    return Shown(
        number(cell.spread.mean, cell.digits), spread, cell.mark, "best" if cell.best else "level" if cell.level else ""
    )


def _against(cell: Cell) -> list[Shown]:
    against = cell.against
    assert against is not None
    low_high = against.interval
    interval = DASH if low_high is None else "[" + ", ".join(f"{end:+,.{cell.digits}f}" for end in low_high) + "]"
    p = DASH if against.p_holm is None else told_p(against.p_holm).removeprefix("= ")
    effect = DASH if against.effect is None else f"{against.effect:+.2f}"
    won = DASH if against.wins is None else f"{against.wins}/{against.languages}"
    return [
        Shown(f"{against.difference:+,.{cell.digits}f}", mark=cell.mark),
        Shown(interval),
        Shown(p),
        Shown(effect),
        Shown(won),
    ]


def _marks(table: Marked, confidence: float) -> list[str]:
    """What the marks mean, of those that occur."""
    cells = [cell for _, row in table.rows for cell in row if cell]
    notes = []
    if any(cell.best for cell in cells):
        alike = any(cell.level for cell in cells)
        notes.append("Bold: the best." + (" Underlined: not distinguishable from the best." if alike else ""))
    if any(cell.mark for cell in cells):
        told = {"†": _short(1 - confidence), "‡": _short(STRONG)}
        marks = ", ".join(f"{mark} p < {p}" for mark, p in told.items() if any(cell.mark == mark for cell in cells))
        notes.append(f"{marks} against {table.baseline}, corrected (Holm).")
    return [" ".join(notes)] if notes else []


def _short(p: float) -> str:
    return f"{p:.3g}".lstrip("0")
