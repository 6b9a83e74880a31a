"""Our figures beside published ones as tables and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from string import ascii_lowercase

from src.comparing.comparison import BETTER
from src.comparing.tables import Grid
from src.publishing.papers import MEAN, Measured
from src.publishing.side_by_side import Beside
from src.reporting.folder import replacing
from src.reporting.tables import SETTINGS, bias_digits, bias_label, number

PRINTED = 4  # digits of a published score
BY_SETTING = ["group", "ours", "published", "difference", "differs"]


def mean_tables(rows: Sequence[Beside]) -> list[Grid]:
    """A table a benchmark: a line a group, its settings and metrics beneath; letters say what differs (`legend`)."""
    tables: list[Grid] = []
    letters = _letters(rows)
    for source, benchmark in dict.fromkeys((row.source, row.of.benchmark) for row in rows):
        of_it = [row for row in rows if (row.source, row.of.benchmark, row.language) == (source, benchmark, MEAN)]
        cells: list[list[str]] = []
        for group in dict.fromkeys(row.group for row in of_it):
            cells.append([group, "", "", "", ""])
            for row in (row for row in of_it if row.group == group):
                marks = "".join(sorted(letters[each.setting] for each in row.apart))
                cells.append([f"  {_measure(row)}", *_figures(row), marks])
        tables += [Grid(f"{benchmark} · beside {source}", BY_SETTING, cells)] if cells else []
    return tables


def language_tables(rows: Sequence[Beside]) -> list[Grid]:
    """A table a group, benchmark and metric: a line a language, ours, published and difference for each setting."""
    tables = []
    by_language = [row for row in rows if row.language != MEAN]
    for key in dict.fromkeys((row.source, row.group, row.of.benchmark, row.of.metric) for row in by_language):
        of_it = [row for row in by_language if (row.source, row.group, row.of.benchmark, row.of.metric) == key]
        settings = list(dict.fromkeys(row.of.setting for row in of_it))
        found = {(row.language, row.of.setting): row for row in of_it}
        headers = ["language"]
        for setting in settings:
            name = SETTINGS.get(setting, setting)
            headers += [f"{name}, ours", "published", "difference"]
        lines = []
        for language in dict.fromkeys(row.language for row in of_it):
            partners = [found.get((language, setting)) for setting in settings]
            lines.append([language, *(cell for row in partners for cell in (_figures(row) if row else ["–"] * 3))])
        source, group, benchmark, metric = key
        tables.append(Grid(f"{benchmark} · {bias_label(metric)} by language · {group} beside {source}", headers, lines))
    return tables


def legend(rows: Sequence[Beside]) -> list[str]:
    """What each letter stands for."""
    told = []
    for setting, letter in _letters(rows).items():
        differing = [each for row in rows for each in row.apart if each.setting == setting]
        ours = " or ".join(dict.fromkeys(each.ours for each in differing))
        told.append(f"{letter}: {setting} {ours} here, {differing[0].published} there.")
    return told


def write_beside(path: Path, rows: Sequence[Beside]) -> Path:
    """Every pair of figures in full precision, with what differs behind it."""
    names = [
        "source",
        "group",
        *Measured._fields,
        "language",
        "runs",
        "mean",
        "std",
        "published",
        "difference",
        "apart",
    ]
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for row in rows:
            ours = (row.ours.runs, row.ours.mean, row.ours.std, row.published, row.difference)
            told = "; ".join(each.told for each in row.apart)
            writer.writerow([row.source, row.group, *row.of, row.language, *ours, told])
    return path


def _letters(rows: Sequence[Beside]) -> dict[str, str]:
    """A letter for each setting that differs in any row."""
    settings = dict.fromkeys(each.setting for row in rows for each in row.apart)
    return dict(zip(settings, ascii_lowercase, strict=False))


def _measure(row: Beside) -> str:
    metric = bias_label(row.of.metric)
    return metric if row.of.metric in BETTER else f"{SETTINGS.get(row.of.setting, row.of.setting)} {metric}"


def _figures(row: Beside) -> list[str]:
    """Ours, published, difference; as many digits as published."""
    digits = bias_digits(row.of.metric) if row.of.metric in BETTER else PRINTED
    spread = "" if row.ours.std is None else f" ± {number(row.ours.std, digits)}"
    return [
        number(row.ours.mean, digits) + spread,
        number(row.published, digits),
        f"{row.difference:+,.{digits}f}",
    ]
