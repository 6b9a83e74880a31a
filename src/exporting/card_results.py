"""The part of a model card on what was measured: metrics with intervals, language bias, each language, each size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from src.evaluation.statistics import Estimate
from src.exporting.markdown import escaped, table
from src.exporting.results import BOOTSTRAP, Result
from src.reporting.tables import SETTINGS, bias_digits, bias_label, bias_meaning, bias_measures, number

PERCENT = f"{BOOTSTRAP.confidence:.0%}"


def measured_section(results: Sequence[Result], without: str | None, notes: Sequence[str] = ()) -> str:
    """All benchmarks, or that there is none and why; `notes` on what the figures do not show."""
    parts = ["## Results"]
    if without:
        parts.append(f"The training run's own results are not shown: {without}.")
    if not results:
        parts.append("Nothing was measured of this encoder.")
    elif any(result.intervals for result in results):
        parts.append(
            f"In brackets: {PERCENT} intervals of a bootstrap over questions, all translations of one together."
        )
    if results:
        parts.append("\n".join(f"- {note}" for note in notes))
    return "\n\n".join([*parts, *(_benchmark(result) for result in results)])


def _benchmark(result: Result) -> str:
    summary = result.summary
    sizes = f"{summary['queries']:,} queries, {summary['candidates']:,} candidates"
    where = f"{sizes}, languages: {', '.join(summary['languages'])}."
    parts = [f"### {escaped(summary['name'])}", where, _metrics(result)]
    if not result.intervals:
        parts.append("No intervals: the results by query were not kept.")
    if summary.get("bias"):
        parts += ["Language bias, in the pool of all languages:", _bias(result)]
    if len(summary["languages"]) > 1 and summary.get("by_language"):
        parts += [f"{result.metrics[0]} by the query's language:", _languages(result)]
    if result.cut:
        parts += [f"{result.metrics[0]} of embeddings cut to so many numbers:", _sizes(result)]
    return "\n\n".join(parts)


def _metrics(result: Result) -> str:
    settings = result.summary["settings"]
    rows = [
        [
            metric,
            *(
                _figure(values.get(metric), result.intervals.get(name, {}).get(metric))
                for name, values in settings.items()
            ),
        ]
        for metric in result.metrics
    ]
    return table(["", *(SETTINGS.get(setting, setting) for setting in settings)], rows)


def _bias(result: Result) -> str:
    summary = result.summary
    known = result.intervals.get("multilingual", {})
    rows = [
        [bias_label(name), _figure(value, known.get(name), bias_digits(name)), bias_meaning(name, summary["bias"])]
        for name, value in summary["bias"].items()
        if name in bias_measures(summary["bias"])
    ]
    rows += [[bias_label(name), number(None), why] for name, why in summary.get("bias_unmeasured", {}).items()]
    return table(["", "", ""], rows)


def _languages(result: Result) -> str:
    summary, metric = result.summary, result.metrics[0]
    held = [setting for setting in SETTINGS if summary["by_language"].get(setting)]
    rows = [
        [code, *(number(summary["by_language"][setting].get(code, {}).get(metric)) for setting in held)]
        for code in summary["languages"]
    ]
    return table(["", *(SETTINGS[setting] for setting in held)], rows)


def _sizes(result: Result) -> str:
    metric, settings = result.metrics[0], list(result.summary["settings"])
    whole = {**result.summary, "dimension": result.cut[0]["cut_from"]["dimension"]}
    rows = [
        [str(each["dimension"]), *(number(each["settings"][setting].get(metric)) for setting in settings)]
        for each in (whole, *result.cut)
    ]
    return table(["", *(SETTINGS.get(setting, setting) for setting in settings)], rows)


def _figure(value: Any, interval: Estimate | None, digits: int = 3) -> str:
    if value is None or interval is None:
        return number(value, digits)
    return f"{number(value, digits)} [{number(interval.low, digits)}, {number(interval.high, digits)}]"
