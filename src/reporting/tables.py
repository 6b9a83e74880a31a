"""The tables of one evaluation, readable at 80 columns and without colour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from src.reporting.folder import plain

SETTINGS = {"monolingual": "monolingual", "crosslingual": "cross-lingual", "multilingual": "multilingual"}
COLUMNS = ("mAP", "R@1", "R@10")  # of a benchmark that has them; of others the first it has
COUNTS = ("queries", "results")
MEANINGS = {
    "MRC": "parallel questions rank: alike 100, opposed -100",
    "PEER": "1: answers ranked alike in all languages; 0: unfair",
    "recall_gap": "R of the language best found less the worst's",
}
MOST_COLUMNS = 3  # of a suite, at 80 characters


def results_table(summary: Mapping[str, Any], metrics: Sequence[str] | None = None) -> Group:
    """One benchmark: a row a setting, a column a metric, and the language bias beneath."""
    sizes = f"{summary['queries']:,} queries · {summary['candidates']:,} candidates"
    heading = Text.assemble(
        (f" {summary['name']}", "bold"), f" · {counted(len(summary['languages']), 'language')} · {sizes}"
    )
    settings = Group(heading, Text(), _settings(summary, metrics or columns_of(summary["settings"].values())))
    if missed := _approximate(summary.get("search") or {}):
        settings = Group(settings, Text(), missed)
    if not summary["bias"]:
        return settings
    return Group(settings, Text(), _bias(summary["bias"], summary.get("bias_unmeasured", {})))


def _approximate(search: Mapping[str, Any]) -> Text | None:
    """What an approximate search may have missed, in one line."""
    measured = next((key for key in search if key.startswith("recall@")), None)
    if measured is None:
        return None
    best, share = measured.removeprefix("recall@"), f"{search[measured]:.1%}"
    return Text(f" {search['factory']} found {share} of the best {best}, on {search['recall_queries']} queries")


def suite_table(summary: Mapping[str, Any], members: Mapping[str, Mapping[str, Any]]) -> Group:
    """A suite: a row a member, a column a setting and metric that all have (else their scores), the means beneath."""
    shared = {setting: summary["settings"][setting] for setting in SETTINGS if setting in summary["settings"]}
    columns = [(setting, metric) for setting in shared for metric in columns_of(shared.values())][:MOST_COLUMNS]
    table = new_table("member", *([f"{SETTINGS[setting]} {metric}" for setting, metric in columns] or ["score"]))
    for name, member in members.items():
        values = [member["settings"][setting][metric] for setting, metric in columns] or [summary["members"][name]]
        table.add_row(Text(name), *map(number, values))  # names such as miracl[sw] are no markup
    table.add_section()
    means = [shared[setting][metric] for setting, metric in columns] or [summary["settings"]["average"]["score"]]
    table.add_row(f"mean of {len(members)} {summary['over']}", *map(number, means), style="bold")
    sizes = f"{summary['queries']:,} queries · {summary['candidates']:,} candidates"
    return Group(Text.assemble((f" {summary['name']}", "bold"), f" · {sizes}"), Text(), table)


def columns_of(settings: Iterable[Mapping[str, Any]]) -> list[str]:
    """The metrics that a table shows, the leading one first."""
    held = list(dict.fromkeys(name for values in settings for name in values if name not in COUNTS))
    usual = [name for name in COLUMNS if name in held] if held[:1] == [COLUMNS[0]] else []
    return list(dict.fromkeys([*usual, *held]))[: len(COLUMNS)]


def language_table(summary: Mapping[str, Any], metric: str = "mAP") -> Table:
    """One benchmark by the query's language: a column a setting, and the rank distance."""
    table = new_table("query", *SETTINGS.values(), "rank distance")
    table.title = Text(f" {summary['name']} · {metric} by query language")
    by_language = summary["by_language"]
    for language in summary["languages"]:
        scores = [number(by_language.get(setting, {}).get(language, {}).get(metric)) for setting in SETTINGS]
        table.add_row(language, *scores, number(by_language.get("rank_distance", {}).get(language), digits=1))
    return table


def number(value: Any, digits: int = 3) -> str:
    """A figure with fixed digits, thousands separated; a dash where there is none."""
    value = plain(value)
    return "–" if value is None else f"{value:,.{digits}f}"


def counted(count: int, what: str) -> str:
    """As people say it: 1 language, 11 languages."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _settings(summary: Mapping[str, Any], metrics: Sequence[str]) -> Table:
    table = new_table("setting", *metrics, "mean of")
    for setting, label in SETTINGS.items():
        values = summary["settings"].get(setting)
        if values is not None:
            table.add_row(
                label, *(number(values.get(metric)) for metric in metrics), counted(values["results"], "result")
            )
    return table


def bias_measures(bias: Mapping[str, Any]) -> list[str]:
    """Names of the measures themselves, without those that only put another one in proportion."""
    return [name for name in bias if not name.endswith(("_share", "_unbiased"))]


def bias_label(name: str) -> str:
    """A measure as people write it: rank distance, same-language@10."""
    return name.replace("_", "-" if "@" in name else " ")


def bias_digits(name: str) -> int:
    """After the point: few of a measure that counts ranks or goes to a hundred."""
    return 1 if name.startswith(("rank_distance", "MRC")) else 3


def _bias(bias: Mapping[str, Any], unmeasured: Mapping[str, str]) -> Table:
    """Language bias in the multilingual pool, each measure with what gives it meaning, or why it is not there."""
    table = new_table("language bias", "", "")
    table.columns[2].justify, table.columns[2].no_wrap = "left", False
    for name in bias_measures(bias):
        table.add_row(bias_label(name), number(bias[name], bias_digits(name)), bias_meaning(name, bias))
    for name, why in unmeasured.items():
        table.add_row(bias_label(name), number(None), why)
    return table


def bias_meaning(name: str, bias: Mapping[str, Any]) -> str:
    """What a measure's figure is to be held against."""
    share, unbiased = plain(bias.get(f"{name}_share")), plain(bias.get(f"{name}_unbiased"))
    if share is not None:
        return f"first to last right answer: {100 * share:.1f} % of the pool"
    if unbiased is not None:
        return f"in the query's language; unbiased: {number(unbiased)}"
    return MEANINGS.get(name.partition("@")[0], "")


def new_table(first: str, *others: str) -> Table:
    """Of words in the first column and figures in the others."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, title_justify="left", title_style="bold")
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table
