"""A domain-shift report as tables (terminal, Markdown) and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from src.comparing.comparison import Spread
from src.comparing.tables import Grid
from src.reporting.folder import replacing
from src.reporting.tables import SETTINGS, number
from src.shifting.shift import DROP, INSIDE, OUTSIDE, RESULT, WORST, Domains, Figure
from src.shifting.split import BASE, Split

NONE = "–"
OF_DOMAINS = (RESULT, INSIDE, OUTSIDE, WORST, DROP)  # the other measures are parts of the error
Found = dict[tuple[str, str, str], Figure]  # (group, measure, domain)


def grids(figures: Sequence[Figure], domains: Domains, split: Split | None, confidence: float) -> list[Grid]:
    """Setting by setting the domains, their means and the drop; then the parts of the error."""
    tables = []
    for setting in dict.fromkeys(figure.setting for figure in figures if figure.measure == RESULT):
        of_setting = [figure for figure in figures if figure.setting == setting]
        tables += _of_setting(of_setting, domains, confidence)
    parts = [figure for figure in figures if figure.measure not in OF_DOMAINS]
    return [*tables, _parts(parts, split)] if parts and split else tables


def _of_setting(figures: Sequence[Figure], domains: Domains, confidence: float) -> list[Grid]:
    found = {(figure.group, figure.measure, figure.of): figure for figure in figures}
    groups = list(dict.fromkeys(figure.group for figure in figures))
    title = f"{SETTINGS[figures[0].setting]} · {figures[0].metric}"
    rows = [row for group in groups for row in [[group, "", "", ""], *_domains(found, group, domains)]]
    return [
        Grid(f"{title} · each domain", ["domain", "result", "drop", ""], rows),
        Grid(
            f"{title} · mean ± standard deviation over runs",
            ["group", "runs", "in-domain", "out-of-domain", "worst domain"],
            [_means(found, group) for group in groups],
        ),
        Grid(
            f"{title} · relative drop out of domain",
            ["group", "drop", f"{100 * confidence:g} % interval"],
            [[group, *_drop(found.get((group, DROP, "")))] for group in groups],
        ),
    ]


def _domains(found: Found, group: str, domains: Domains) -> list[list[str]]:
    worst = next((name for name in domains.every if (group, WORST, name) in found), None)
    rows = []
    for name in domains.every:
        role = "in-domain" if name in domains.inside else "out-of-domain"
        role = f"{role}, worst" if name == worst else role
        drop = _percent(found.get((group, DROP, name))) if name in domains.outside else ""
        rows.append([f"  {name}", _figure(found.get((group, RESULT, name))), drop, role])
    return rows


def _means(found: Found, group: str) -> list[str]:
    worst = next((figure for (of, measure, _), figure in found.items() if (of, measure) == (group, WORST)), None)
    means = [found.get((group, measure, "")) for measure in (INSIDE, OUTSIDE)]
    runs = max((figure.spread.runs for figure in (*means, worst) if figure), default=0)
    return [group, str(runs), *map(_figure, (*means, worst))]


def _drop(figure: Figure | None) -> list[str]:
    held = figure is not None and figure.low is not None and figure.high is not None
    interval = f"[{100 * figure.low:.1f} %, {100 * figure.high:.1f} %]" if held else NONE  # type: ignore[union-attr, operator]
    return [_percent(figure), interval]


def _parts(figures: Sequence[Figure], split: Split | None) -> Grid:
    """What each part loses from the base, and its share of the base."""
    bases = {figure.group: figure.spread.mean for figure in figures if figure.measure == BASE}
    rows: list[list[str]] = []
    for group in dict.fromkeys(figure.group for figure in figures):
        rows.append([group, "", ""])
        for figure in figures:
            if figure.group == group:
                is_base = figure.measure == BASE
                share = "" if is_base or not bases.get(group) else f"{100 * figure.spread.mean / bases[group]:+.1f} %"
                rows.append([f"  {figure.measure}", _figure(figure, "" if is_base else "+"), share])
    source = split.source if split else ""
    title = f"{figures[0].metric} · lost from in-domain queries in {source}"
    return Grid(title, ["part", "result, loss", "of the base"], rows)


def _figure(figure: Figure | None, sign: str = "") -> str:
    if figure is None:
        return NONE
    mean = f"{figure.spread.mean:{sign},.3f}"
    return mean + ("" if figure.spread.std is None else f" ± {number(figure.spread.std)}")


def _percent(figure: Figure | None) -> str:
    if figure is None:
        return NONE
    std = figure.spread.std
    return f"{100 * figure.spread.mean:.1f}" + (" %" if std is None else f" ± {100 * std:.1f} %")


def write_csv(path: Path, figures: Sequence[Figure]) -> Path:
    """Every figure in full precision, one row each; empty where there is none."""
    names = ["group", "setting", "metric", "measure", "of", "over"]
    spread = [field.name for field in fields(Spread)]
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*names, *spread, "low", "high"])
        writer.writeheader()
        for figure in figures:
            words = {name: getattr(figure, name) for name in names}
            writer.writerow(words | asdict(figure.spread) | {"low": figure.low, "high": figure.high})
    return path
