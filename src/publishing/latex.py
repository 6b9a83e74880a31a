"""A comparison as LaTeX tables (booktabs), to be read in by a paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from src.comparing.verdict_words import short_names
from src.publishing.marked import STRONG, Cell, Column, Marked, marked
from src.reporting.folder import replacing
from src.reporting.tables import counted, number

if TYPE_CHECKING:
    from src.comparing.comparing import Comparison

SPECIAL = {
    "\\": r"\textbackslash{}",
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "–": "--",
    "[": "{[}",  # at the head of a row it would begin an option of the row above, as a star would
    "*": "{*}",
}
MARKS = {"": "", "†": r"\textsuperscript{\textdagger}", "‡": r"\textsuperscript{\textdaggerdbl}"}
HEAD = r"""% Written by python -m src.compare. In the preamble: \usepackage[T1]{fontenc} and \usepackage{booktabs}; then
% \input{comparison}. Names in scripts that pdfLaTeX lacks need XeLaTeX or LuaLaTeX, and a font that has them.
"""


def write_latex(path: Path, comparison: Comparison) -> Path:
    """Every benchmark's tables in one file."""
    tables = [_table(each, comparison) for each in marked(comparison)]
    with replacing(path) as temporary:
        temporary.write_text("\n".join([HEAD, *tables]), encoding="utf-8")
    return path


def escaped(text: str) -> str:
    """A text that means nothing to LaTeX, on one line.

    >>> escaped("50 % of a_b & {c}")
    '50 \\\\% of a\\\\_b \\\\& \\\\{c\\\\}'
    """
    return "".join(SPECIAL.get(mark, mark) for mark in " ".join(text.split()))


def _table(table: Marked, comparison: Comparison) -> str:
    names = short_names([label for label, _ in table.rows])
    several = len(set(table.runs.values())) > 1
    lines = [
        [escaped(names[label]), *([str(table.runs[label])] if several else []), *map(_cell, cells)]
        for label, cells in table.rows
    ]
    head = [escaped(_what(names)), *(["runs"] if several else []), *map(_heading, table.columns)]
    body = [_line(head), r"\midrule", *map(_line, lines)]
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering\small\setlength{\tabcolsep}{4pt}",
            rf"\caption{{{_caption(table, names, comparison)}}}",
            rf"\label{{tab:{_label(table)}}}",
            rf"\begin{{tabular}}{{l{'r' * (len(head) - 1)}}}",
            r"\toprule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def _what(names: Mapping[str, str]) -> str:
    """What tells the groups apart, where their names no longer say it."""
    label, name = next(iter(names.items()))
    return label.removesuffix(f"={name}") if name != label else ""


def _line(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"


def _heading(column: Column) -> str:
    arrow = {1: r" $\uparrow$", -1: r" $\downarrow$", None: ""}[column.direction]
    return escaped(column.name) + arrow


def _cell(cell: Cell | None) -> str:
    """The mean, bold or underlined, then marks and the spread in small print."""
    if cell is None:
        return "--"
    mean = _signed(number(cell.spread.mean, cell.digits))
    mean = rf"\textbf{{{mean}}}" if cell.best else rf"\underline{{{mean}}}" if cell.level else mean
    std = "" if cell.spread.std is None else rf" {{\scriptsize$\pm$ {number(cell.spread.std, cell.digits)}}}"
    return mean + MARKS[cell.mark] + std


def _signed(figure: str) -> str:
    return f"$-${figure[1:]}" if figure.startswith("-") else figure


def _caption(table: Marked, names: Mapping[str, str], comparison: Comparison) -> str:
    """What the marks mean, of those that occur."""
    cells = [cell for _, row in table.rows for cell in row if cell]
    spread = ", and standard deviation over seeds" if any(cell.spread.std is not None for cell in cells) else ""
    title = table.title[:1].upper() + table.title[1:] if " " in table.title else table.title
    counts = set(table.runs.values())
    runs = counted(counts.pop(), "run") if len(counts) == 1 else "runs"
    text = [escaped(f"{title} on {table.benchmark}: mean over {runs}{spread}.")]
    if any(cell.best for cell in cells):
        text.append("Bold: the best.")
    if any(cell.level for cell in cells):
        text.append("Underlined: not distinguishable from the best.")
    levels = {"†": 1 - comparison.confidence, "‡": STRONG}
    marks = [
        rf"{MARKS[mark]}\,$p<{f'{level:.3g}'.lstrip('0')}$"
        for mark, level in levels.items()
        if any(cell.mark == mark for cell in cells)
    ]
    if marks:
        text.append(
            f"{', '.join(marks)} against {escaped(names[str(table.baseline)])}: randomisation over concepts and, where "
            "seeds are paired, over seeds, Holm-corrected."
        )
    return " ".join(text)


def _label(table: Marked) -> str:
    """Letters, digits and hyphens only, so that it can be typed."""
    return "".join(mark if mark.isascii() and mark.isalnum() else "-" for mark in f"{table.benchmark}-{table.title}")
