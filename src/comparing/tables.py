"""A comparison as tables (terminal, Markdown) and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from rich import box
from rich.table import Table
from rich.text import Text

from src.comparing.comparison import BIAS, Against, Row, Spread
from src.comparing.verdict_words import told_p
from src.reporting.folder import replacing
from src.reporting.tables import SETTINGS, bias_digits, bias_label, number

MOST_MEASURES = 2  # of language bias side by side, so that names of groups have room at 80 characters


@dataclass(frozen=True)
class Grid:
    """A table as text: words in the first column, figures in the others."""

    title: str
    headers: list[str]
    rows: list[list[str]]

    def rich(self) -> Table:
        """For the terminal."""
        table = Table(title=Text(f" {self.title}"), box=box.SIMPLE_HEAD, show_edge=False, title_justify="left")
        table.title_style = "bold"
        for position, header in enumerate(self.headers):
            table.add_column(header, justify="right" if position else "left", no_wrap=position > 0, overflow="fold")
        for row in self.rows:
            table.add_row(*map(Text, row))  # names such as miracl[sw] are no markup
        return table

    def markdown(self) -> str:
        """For a page: pipes, figures to the right."""
        marks = ["---", *["---:"] * (len(self.headers) - 1)]
        indent = "&emsp;"  # Markdown drops leading blanks
        rows = [[cell.replace("|", r"\|").replace("  ", indent) for cell in row] for row in self.rows]
        lines = [self.headers, marks, *rows]
        return f"### {self.title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def grids(rows: Sequence[Row], metric: str, confidence: float) -> list[Grid]:
    """One benchmark's tables: the metric by setting, language bias, and what differs from the baseline."""
    settings = list(dict.fromkeys(row.setting for row in rows if row.setting != BIAS and row.metric == metric))
    measures = list(dict.fromkeys(row.metric for row in rows if row.setting == BIAS))
    title = f"{rows[0].benchmark} · {metric} · mean ± standard deviation over runs"
    tables = [_spreads(title, rows, [(setting, metric) for setting in settings])]
    for first in range(0, len(measures), MOST_MEASURES):
        some = [(BIAS, measure) for measure in measures[first : first + MOST_MEASURES]]
        tables.append(_spreads(f"{rows[0].benchmark} · language bias", rows, some))
    compared = [row for row in rows if row.against and (row.setting == BIAS or row.metric == metric)]
    return [*tables, _differences(compared, metric, confidence)] if compared else tables


def _spreads(title: str, rows: Sequence[Row], measures: Sequence[tuple[str, str]]) -> Grid:
    found = {(row.group, row.setting, row.metric): row.spread for row in rows}
    cells = []
    for group, runs in {row.group: row.spread.runs for row in rows}.items():
        spreads = [_spread(found.get((group, *measure)), bias_digits(measure[1])) for measure in measures]
        cells.append([group, str(runs), *spreads])
    return Grid(title, ["group", "runs", *(_name(setting, metric) for setting, metric in measures)], cells)


def _differences(rows: Sequence[Row], metric: str, confidence: float) -> Grid:
    """Each group on a line of its own, its settings beneath."""
    cells: list[list[str]] = []
    for group in dict.fromkeys(row.group for row in rows):
        cells.append([group, "", "", "", ""])
        for row in rows:
            if row.group == group and row.against:
                name = f"  {_name(row.setting, row.metric)}"
                cells.append([name, *_against(row.against, bias_digits(row.metric))])
    baseline = next(row.against.baseline for row in rows if row.against)
    headers = ["group", "difference", f"{100 * confidence:g} % interval", "p", "won"]
    return Grid(f"{rows[0].benchmark} · {metric} · difference from {baseline}", headers, cells)


def _against(against: Against, digits: int) -> list[str]:
    difference = f"{against.difference:+,.{digits}f}"
    interval = ", ".join(f"{end:+,.{digits}f}" for end in against.interval or ())
    p = "–" if against.p_holm is None else told_p(against.p_holm).removeprefix("= ")
    won = "–" if against.wins is None else f"{against.wins}/{against.languages}"
    return [difference, f"[{interval}]" if interval else "–", p, won]


def _spread(spread: Spread | None, digits: int) -> str:
    if spread is None:
        return "–"
    return number(spread.mean, digits) + ("" if spread.std is None else f" ± {number(spread.std, digits)}")


def _name(setting: str, metric: str) -> str:
    return bias_label(metric) if setting == BIAS else SETTINGS.get(setting, setting)


def write_csv(path: Path, rows: Sequence[Row]) -> Path:
    """Every group, setting and metric in full precision, one row each; empty where there is no figure."""
    names = ["benchmark", "group", "setting", "metric"]
    spread, against = [field.name for field in fields(Spread)], [field.name for field in fields(Against)]
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*names, *spread, *against])
        writer.writeheader()
        for row in rows:
            values = {name: getattr(row, name) for name in names} | asdict(row.spread)
            writer.writerow(values | (asdict(row.against) if row.against else {}))
    return path


def write_markdown(
    path: Path, tables: Sequence[Grid], notes: Sequence[str], *, warnings: Sequence[str] = (), words: str = ""
) -> Path:
    """The terminal's tables and notes as a page, warnings first, then what was found in words."""
    parts = ["\n".join(f"> **{warning}**\n>" for warning in warnings) + "\n"] if warnings else []
    parts += [words] if words else []
    parts += [table.markdown() for table in tables] + ["\n".join(f"- {note}" for note in notes) + "\n"]
    with replacing(path) as temporary:
        temporary.write_text("\n".join(parts), encoding="utf-8")
    return path
