"""The tables of one evaluation, readable at 80 columns and without colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from src.reporting.folder import plain

SETTINGS = {"monolingual": "monolingual", "crosslingual": "cross-lingual", "multilingual": "multilingual"}
COLUMNS = ("mAP", "R@1", "R@10")


def results_table(summary: Mapping[str, Any], metrics: Sequence[str] = COLUMNS) -> Group:
    """One benchmark: a row a setting, a column a metric, and the language bias beneath."""
    sizes = f"{summary['queries']:,} queries · {summary['candidates']:,} candidates"
    heading = Text.assemble((f" {summary['name']}", "bold"), f" · {len(summary['languages'])} languages · {sizes}")
    return Group(heading, Text(), _settings(summary, metrics), Text(), _bias(summary["bias"]))


def language_table(summary: Mapping[str, Any], metric: str = "mAP") -> Table:
    """One benchmark by the query's language: a column a setting, and the rank distance."""
    table = _table("query", *SETTINGS.values(), "rank distance")
    table.title = f" {summary['name']} · {metric} by query language"
    by_language = summary["by_language"]
    for language in summary["languages"]:
        scores = [number(by_language.get(setting, {}).get(language, {}).get(metric)) for setting in SETTINGS]
        table.add_row(language, *scores, number(by_language.get("rank_distance", {}).get(language), digits=1))
    return table


def number(value: Any, digits: int = 3) -> str:
    """A figure with fixed digits, thousands separated; a dash where there is none."""
    value = plain(value)
    return "–" if value is None else f"{value:,.{digits}f}"


def _settings(summary: Mapping[str, Any], metrics: Sequence[str]) -> Table:
    table = _table("setting", *metrics, "mean of")
    for setting, label in SETTINGS.items():
        values = summary["settings"].get(setting)
        if values is not None:
            table.add_row(label, *(number(values.get(metric)) for metric in metrics), f"{values['results']:,} results")
    return table


def _bias(bias: Mapping[str, Any]) -> Table:
    """Language bias in the multilingual pool, each measure with what gives it meaning."""
    table = _table("language bias", "", "")
    table.columns[2].justify = "left"
    share = plain(bias.get("rank_distance_share"))
    pool = "" if share is None else f": {100 * share:.1f} % of the pool"
    table.add_row("rank distance", number(bias.get("rank_distance"), digits=1), f"first to last right answer{pool}")
    for name in sorted(key for key in bias if key.startswith("same_language@") and not key.endswith("_unbiased")):
        unbiased = f"in the query's language; unbiased would be {number(bias.get(f'{name}_unbiased'))}"
        table.add_row(name.replace("_", "-"), number(bias[name]), unbiased)
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, title_justify="left", title_style="bold")
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table
