"""What a reader of a domain-shift report must know: means over what, and what else differs between domains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from src.comparing.grouping import NO_RESULT, OF_SCORING, OF_SPEED
from src.comparing.interval import Bootstrap
from src.comparing.runs import Run
from src.reporting.folder import PER_QUERY
from src.reporting.settings import settings as settings_of
from src.reporting.tables import counted
from src.shifting.shift import DROP, Domains, Figure
from src.shifting.split import (
    BOTH,
    CROSS_IN,
    DOMAIN,
    INTERACTION,
    LANGUAGE,
    SETTING,
    USUAL_SOURCE,
    Split,
    Summaries,
    languages,
)


def about_domains(summaries: Summaries, domains: Domains, settings: Sequence[str], *, told: bool) -> list[str]:
    """Which is what, means over what, and how domains differ in more than their domain."""
    known = "" if told else " (the data that all were trained on)"
    notes = [
        f"In-domain: {', '.join(domains.inside)}{known}. Out-of-domain: {', '.join(domains.outside)}.",
        "A domain's result is the mean over its languages (or pairs of them) in a setting; the in-domain and the "
        "out-of-domain mean count each domain the same. Worst: the lowest result of all domains. Drop: (in - out) / "
        "in, run by run. ±: standard deviation over runs.",
    ]
    if len({each["candidates"] for each in summaries.values()}) > 1:
        pools = "; ".join(f"{name} {each['candidates']:,}" for name, each in summaries.items())
        notes.append(f"Pools differ, and a larger one is harder in itself: {pools} candidates.")
    if len({tuple(sorted(each["languages"])) for each in summaries.values()}) > 1:
        held = "; ".join(f"{name} {_codes(each['languages'])}" for name, each in summaries.items())
        notes.append(f"Not the same languages in all domains, so that a drop is theirs, too: {held}.")
    if len({each["template"] for each in summaries.values()}) > 1:
        held = "; ".join(f"{name} {each['template']}" for name, each in summaries.items())
        notes.append(f"Not the same candidate text in all domains: {held}.")
    return notes


def _codes(codes: Sequence[str]) -> str:
    return ", ".join(codes) if len(codes) <= 3 else counted(len(codes), "language")


def about_intervals(figures: Sequence[Figure], bootstrap: Bootstrap) -> list[str]:
    """How the intervals were made, or why there are none."""
    drops = [figure for figure in figures if figure.measure == DROP and not figure.of]
    notes = []
    if any(figure.low is not None for figure in drops):
        notes.append(
            f"Intervals: {100 * bootstrap.confidence:g} % of the drop over concepts, each domain's resampled on their "
            f"own ({bootstrap.resamples:,} resamples) from results averaged over runs. They leave out the spread over "
            "seeds, which is the ±."
        )
    if any(figure.low is None for figure in drops):
        notes.append(f"No interval where a run left no {PER_QUERY}.")
    return notes


def about_split(summaries: Summaries, domains: Domains, split: Split | None, figures: Sequence[Figure]) -> list[str]:
    """What the parts are means over, and which the results cannot give."""
    if split is None:
        return [_no_source(summaries)]
    given = {figure.measure: figure.over for figure in figures if figure.over}
    parts = [name for name in given if name in _WHY or name.startswith(DOMAIN)]
    notes = [f"Split of the error in the {SETTING} setting. Base: {given.get('base', 'none')}."]
    notes += [f"{name[0].upper()}{name[1:]}: {given[name]}." for name in parts]
    unused = sorted(
        {code for name in domains.every for code in languages(summaries[name])} - {split.source, *split.others}
    )
    if split.others and unused:
        notes.append(f"Not in the split, as not all domains with several languages have them: {', '.join(unused)}.")
    return notes + [
        f"Not given: {name}, {why.format(source=split.source)}." for name, why in _WHY.items() if name not in given
    ]


_WHY = {  # why a part cannot be given
    LANGUAGE: "as there are no in-domain results of queries in {source} and in another language",
    DOMAIN: "as there are no out-of-domain results of queries in {source}",
    BOTH: "as there are no out-of-domain results of queries in {source} and in the other languages",
    INTERACTION: "which needs the language part, the domain part and both together",
    CROSS_IN: "as there are no in-domain results across languages of queries in {source}",
}


def _no_source(summaries: Summaries) -> str:
    held = [set(languages(each)) for each in summaries.values()]
    shared = sorted(set.intersection(*held)) if held else []
    instead = f"set language=, in all domains are {', '.join(shared)}" if shared else "set language="
    return (
        f"No split of the error into language and domain: not all domains have queries in {USUAL_SOURCE} in the "
        f"{SETTING} setting; {instead}."
    )


def about_evaluations(runs: Sequence[Run]) -> list[str]:
    """Settings of evaluations, such as the precision, that are not the same in all."""
    held: dict[str, set[str]] = {}
    of_evaluations = [run for run in runs if "checkpoint" in run.config]
    for run in of_evaluations:
        for key, value in _own(run.config, run).items():
            held.setdefault(key, set()).add(str(value))
    told = "; ".join(f"{key} ({', '.join(sorted(values))})" for key, values in held.items() if len(values) > 1)
    return [f"Not the same settings in all evaluations: {told}."] if told else []


def _own(config: Mapping[str, Any], run: Run) -> dict[str, Any]:
    ignored = (*OF_SCORING, *OF_SPEED, *NO_RESULT, "model", "checkpoint", "seed")
    return settings_of(config, run.record.get("folder", run.folder), ignored)
