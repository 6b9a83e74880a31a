"""The loss from one language and domain to others, split into the language's part and the domain's.

S(domain, language) is the metric of queries in that language against its own pool. From the base, S(in-domain, source
language), the language part is what other languages of the same domain lose, the domain part what other domains lose in
the same language; where both differ, what the two do not add up to is their interaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from src.comparing.comparison import spread_of
from src.comparing.grouping import RunGroup
from src.errors import InputError
from src.reporting.folder import plain
from src.shifting.shift import Domains, Figure

USUAL_SOURCE = "en"
SETTING = "monolingual"
BASE, LANGUAGE, DOMAIN, BOTH, INTERACTION = "base", "language part", "domain part", "both together", "interaction"
DOMAIN_THERE = "domain part, same domains"
CROSS_IN, CROSS_OUT = "cross-lingual, in-domain", "cross-lingual, out-of-domain"

Summaries = Mapping[str, Mapping[str, Any]]  # domain -> its summary in metrics.json


@dataclass(frozen=True)
class Split:
    """Which results each part is a mean over; a part over no domain cannot be given."""

    source: str
    others: tuple[str, ...]  # languages
    base: tuple[str, ...]  # in-domain, with the source language, and the others where any has them
    language: tuple[str, ...]  # of these, with the others
    domain: tuple[str, ...]  # out-of-domain, with the source language
    both: tuple[str, ...]  # of these, with the others
    cross_in: tuple[str, ...]
    cross_out: tuple[str, ...]


def source_language(summaries: Summaries, domains: Domains, asked: str | None) -> str | None:
    """The language to split from: `asked`, or English where all domains have it; InputError where no domain has it."""
    inside = {code for name in domains.inside for code in languages(summaries[name])}
    if asked is not None and asked not in inside:
        raise InputError(
            f"No in-domain results of queries in {asked!r} in the {SETTING} setting.",
            where="language",
            fix=f"one of {', '.join(sorted(inside))}" if inside else f"benchmarks with a {SETTING} setting",
        )
    everywhere = all(USUAL_SOURCE in languages(summaries[name]) for name in domains.every)
    return asked or (USUAL_SOURCE if everywhere else None)


def plan_split(summaries: Summaries, domains: Domains, source: str) -> Split:
    """Which domains and languages have what the parts need.

    The other languages are those of all the domains that have any beside the source, so that all parts are over the
    same ones; where there are none such, those of the in-domain ones.
    """
    held = {name: languages(summaries[name]) for name in domains.every}
    with_source = {name: [code for code in held[name] if code != source] for name in held if source in held[name]}
    inside = [name for name in domains.inside if name in with_source]
    outside = [name for name in domains.outside if name in with_source]
    others = _shared([with_source[name] for name in with_source]) or _shared([with_source[name] for name in inside])

    def with_others(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(name for name in names if others and set(others) <= set(with_source[name]))

    base = with_others(inside) or tuple(inside)
    cross = [name for name in held if source in languages(summaries[name], "crosslingual")]
    return Split(
        source,
        others,
        base,
        with_others(base),
        tuple(outside),
        with_others(outside),
        tuple(name for name in base if name in cross),
        tuple(name for name in outside if name in cross),
    )


def languages(summary: Mapping[str, Any], setting: str = SETTING) -> list[str]:
    """Languages with results of their own in a setting."""
    return list(summary["by_language"].get(setting, {}))


def _shared(of_domains: Sequence[Sequence[str]]) -> tuple[str, ...]:
    several = [codes for codes in of_domains if codes]
    return tuple(code for code in several[0] if all(code in codes for codes in several)) if several else ()


def split_figures(group: RunGroup, split: Split, metric: str) -> list[Figure]:
    """The parts that the results can give."""
    parts = [_parts(run.metrics, split, metric) for run in group.runs]
    over = _over(split)
    figures = []
    for measure in parts[0]:
        values = [part[measure] for part in parts]
        if np.isfinite(values).all():
            figures.append(Figure(group.label, SETTING, metric, measure, "", over[measure], spread_of(values)))
    return figures


def _parts(summaries: Summaries, split: Split, metric: str) -> dict[str, float]:
    """The base, and what is lost from it."""

    def mean(names: Sequence[str], codes: Sequence[str], setting: str = SETTING) -> float:
        """Over domains of the mean over languages; NaN over nothing."""
        if not names or not codes:
            return float("nan")
        return float(np.mean([[_cell(summaries[name], setting, code, metric) for code in codes] for name in names]))

    source = (split.source,)
    base = mean(split.base, source)
    language, domain = base - mean(split.language, split.others), base - mean(split.domain, source)
    both, there = base - mean(split.both, split.others), base - mean(split.both, source)
    return {
        BASE: base,
        LANGUAGE: language,
        DOMAIN: domain,
        **({DOMAIN_THERE: there} if split.both != split.domain else {}),
        BOTH: both,
        INTERACTION: both - language - there,
        CROSS_IN: mean(split.cross_in, source) - mean(split.cross_in, source, "crosslingual"),
        CROSS_OUT: base - mean(split.cross_out, source, "crosslingual"),
    }


def _cell(summary: Mapping[str, Any], setting: str, language: str, metric: str) -> float:
    value = plain(summary["by_language"][setting][language].get(metric))
    return float("nan") if value is None else float(value)


def _over(split: Split) -> dict[str, str]:
    """What each part is a mean over, in words."""
    others = f"queries in {', '.join(split.others)}"
    source = f"queries in {split.source}"
    pools = "against the pools of its other languages"
    return {
        BASE: f"{', '.join(split.base)}; {source}",
        LANGUAGE: f"{', '.join(split.language)}; {others}",
        DOMAIN: f"{', '.join(split.domain)}; {source}",
        DOMAIN_THERE: f"{', '.join(split.both)}; {source}",
        BOTH: f"{', '.join(split.both)}; {others}",
        INTERACTION: f"{', '.join(split.both)}: both together less the language and the domain part",
        CROSS_IN: f"{', '.join(split.cross_in)}; {source} {pools}",
        CROSS_OUT: f"{', '.join(split.cross_out)}; {source} {pools}",
    }
