"""What a comparison found, in words: for each setting the best group, and each group against the baseline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from src.reporting.comparison import BIAS, Against, Row
from src.reporting.comparison_groups import Compared
from src.reporting.comparison_values import better
from src.reporting.tables import SETTINGS, bias_digits, bias_label

NAMED = 2  # groups that one sentence tells with their figures


@dataclass(frozen=True)
class Verdict:
    """One sentence."""

    benchmark: str
    setting: str
    metric: str
    text: str
    group: str | None = None  # None: of the best group against all others, which sums the setting up


def verdicts(found: Compared, confidence: float) -> list[Verdict]:
    """Sums of all settings first, then every group against the baseline."""
    level = 1 - confidence
    labels = list(dict.fromkeys(row.group for row in found.rows))
    names = short_names(labels)
    summed = [
        Verdict(row.benchmark, row.setting, row.metric, _sum(rows, names, level))
        for row, rows in _by_measure(found.best)
    ]
    held = {(row.setting, row.metric) for row in found.best}
    each = [row for row in found.rows if row.against and (row.setting, row.metric) in held]
    return summed + [
        Verdict(row.benchmark, row.setting, row.metric, _one(row, names, level), row.group) for row in each
    ]


def short_names(labels: Sequence[str]) -> dict[str, str]:
    """Labels without `sampler=` where all of them are one word that begins with it."""
    keys = {label.partition("=")[0] for label in labels}
    alike = len(keys) == 1 and all("=" in label and " " not in label for label in labels)
    return {label: label.partition("=")[2] if alike else label for label in labels}


def _by_measure(rows: Sequence[Row]) -> Iterator[tuple[Row, list[Row]]]:
    for measure in dict.fromkeys((row.setting, row.metric) for row in rows):
        some = [row for row in rows if (row.setting, row.metric) == measure]
        yield some[0], some


def _sum(rows: Sequence[Row], names: dict[str, str], level: float) -> str:
    """The best group of one measure: what it beats, and what it cannot be told from."""
    best = rows[0]
    beaten = [row for row in rows if row.against and _holds(row.against, level)]
    alike = [row for row in rows if row not in beaten]
    told = []
    if beaten:
        told.append(f"better than {_several(beaten, names)}")
    if alike:
        told.append(f"not distinguishable from {_several(alike, names)}")
    return f"{measure_name(best)}: {names[best.group]} " + "; ".join(told) + _only(best.against)


def _several(rows: Sequence[Row], names: dict[str, str]) -> str:
    named = [f"{names[row.against.baseline]} ({figures(row)})" for row in rows[:NAMED] if row.against]
    more = [f"{len(rows) - NAMED} more"] if len(rows) > NAMED else []
    return " and ".join([*named, *more])


def _one(row: Row, names: dict[str, str], level: float) -> str:
    """One group against the baseline."""
    against = row.against
    assert against is not None
    group, other, where = names[row.group], names[against.baseline], measure_name(row)
    if not _holds(against, level):
        untested = "" if against.tested is not None else ", not tested"
        return f"{group} not distinguishable from {other} on {where} ({figures(row)}){untested}{_why(against, level)}"
    sign = (better(row.setting, row.metric) or 0) * against.difference
    relation = (">" if sign > 0 else "<") if row.setting != BIAS else ("better than" if sign > 0 else "worse than")
    return f"{group} {relation} {other} on {where}, {figures(row)}{_only(against)}"


def _holds(against: Against, level: float) -> bool:
    return against.p_holm is not None and against.p_holm < level


def _why(against: Against, level: float) -> str:
    if against.p is not None and against.p < level and against.p_seeds is not None and against.p_seeds >= level:
        return "; these encoders differ, but the difference may be the seeds'"
    return _only(against)


def _only(against: Against | None) -> str:
    """What the tests do not speak of."""
    untold = against is not None and against.p is not None and against.p_seeds is None
    return "; of these encoders only, not of how they were trained" if untold else ""


def measure_name(row: Row) -> str:
    """As people write it: cross-lingual, rank distance."""
    return bias_label(row.metric) if row.setting == BIAS else SETTINGS.get(row.setting, row.setting)


def figures(row: Row) -> str:
    """Difference, interval, p and languages won, of what there is."""
    against = row.against
    assert against is not None
    digits = bias_digits(row.metric)
    interval = against.interval
    told = f"{against.difference:+,.{digits}f}"
    told += f" [{interval[0]:,.{digits}f}, {interval[1]:,.{digits}f}]" if interval else ""
    parts = [told, *([f"p {told_p(against.p_holm)}"] if against.p_holm is not None else [])]
    return ", ".join(parts + ([f"{against.wins}/{against.languages} languages"] if against.languages else []))


def told_p(p: float) -> str:
    """As journals print it: = .41, = .032, < .001."""
    if p < 0.001:
        return "< .001"
    return "> .99" if p > 0.99 else f"= {p:.{2 if p >= 0.1 else 3}f}".replace("0.", ".", 1)
