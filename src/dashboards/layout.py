"""Sections and panels of a dashboard, and how each is read; plain values, known before any server is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from src.dashboards.names import Names
from src.errors import InputError

Kind = Literal["lines", "bars", "table", "images"]


@dataclass(frozen=True)
class Panel:
    """One plot, table or picture of what runs logged."""

    kind: Kind
    title: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """Panels under one question."""

    title: str
    reading: str
    panels: tuple[Panel, ...]


def layout(names: Names, metric: str | None = None) -> list[Section]:
    """The sections that have something to show; `metric` leads the results, else each benchmark's first.

    InputError where no result has that metric.
    """
    measured = {key.split("/", 1)[1] for keys in names.results.values() for key in _figures(keys)}
    if metric and metric not in measured:
        raise InputError(
            f"no result has the metric {metric!r}", where="metric", fix=f"one of {', '.join(sorted(measured))}"
        )
    sections = [
        *(_results(names, benchmark, metric) for benchmark in names.results),
        _bias(names),
        _pairs(names),
        Section(
            "Validation",
            "Held-out retrieval while training. The checkpoint that is scored is the best of these, so a curve "
            "that still rises at its end asks for more steps.",
            _lines(names, "val/"),
        ),
        Section(
            "Training",
            "The loss of strategies is not comparable: their batches differ in how hard the negatives are.",
            _lines(names, "train/", without=("train/negatives_per_query", "train/seconds"), also="lr-"),
        ),
        Section(
            "What the batches held",
            "Language pairs really drawn, negatives that were left after masking duplicates, real tokens and speed. "
            "A strategy that saw other amounts of data is not compared by its batches alone.",
            (*_lines(names, "train/negatives_per_query"), *_held(names)),
        ),
    ]
    return [section for section in sections if section.panels]


def keys_of(sections: Sequence[Section]) -> list[str]:
    """Every key that some panel shows."""
    return list(dict.fromkeys(key for section in sections for panel in section.panels for key in panel.keys))


def _results(names: Names, benchmark: str, metric: str | None) -> Section:
    keys = _figures(names.results[benchmark])
    lead = metric if metric else next((key.split("/", 1)[1] for key in keys), None)
    chosen = [key for key in keys if key.split("/", 1)[1] == lead]
    return Section(
        f"Results on {benchmark}",
        "Multilingual: all languages are one pool. Cross-lingual: the answer is in another language than the "
        "question. Monolingual: both in one language. Bars are means over seeds; whether a difference is real is "
        "for python -m src.compare to say.",
        tuple(Panel("bars", f"{benchmark} {key}", (f"test/{benchmark}/{key}",)) for key in chosen),
    )


def _figures(keys: Sequence[str]) -> list[str]:
    """`<setting>/<metric>` of a benchmark, without its bias."""
    return [key for key in keys if not key.startswith("bias/")]


def _bias(names: Names) -> Section:
    measures = [(name, key) for name, keys in names.results.items() for key in keys if key.startswith("bias/")]
    return Section(
        "Language bias",
        "rank_distance: how far apart the ranks of translations of one answer lie, 0 being none. same_language@k: "
        "the share of the best k in the question's language, which without bias is one in the number of languages.",
        tuple(
            Panel("bars", f"{name} {key.removeprefix('bias/')}", (f"test/{name}/{key}",))
            for name, key in measures
            if not key.endswith("_unbiased")
        ),
    )


def _pairs(names: Names) -> Section:
    def panels() -> Iterator[Panel]:
        for name in names.results:
            if name in names.has_heatmap:
                yield Panel("images", f"{name} by language pair", (f"test/{name}/heatmap",))
            if name in names.has_pairs:
                yield Panel("table", f"{name} by language pair", (f"test/{name}/language_pairs",))

    return Section(
        "Language pairs",
        "Rows are the question's language, columns the candidates'. A bright diagonal over a dark rest is a model "
        "that finds answers in the question's own language only.",
        tuple(panels()),
    )


def _lines(names: Names, prefix: str, without: Sequence[str] = (), also: str | None = None) -> tuple[Panel, ...]:
    starts = (prefix, also) if also else (prefix,)
    return tuple(Panel("lines", key, (key,)) for key in names.history if key.startswith(starts) and key not in without)


def _held(names: Names) -> Iterator[Panel]:
    for name in names.training:
        if name not in ("steps", "negatives_per_query"):
            yield Panel("bars", name.replace("_", " "), (f"training/{name}",))
    if names.training:
        yield Panel("table", "language pairs trained on", ("training/language_pairs",))
