"""What a comparison found, in words: the best group of each setting, and each group against the baseline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from src.comparing.compared import Compared
from src.comparing.comparison import BIAS, Against, Row
from src.comparing.values import better
from src.comparing.verdict_words import ahead, figures, measure_name, only_these, short_names, told_p

NAMED = 2  # groups that one sentence tells with their figures


@dataclass(frozen=True)
class Verdict:
    """One sentence."""

    benchmark: str
    setting: str
    metric: str
    text: str
    group: str | None = None  # compared with the baseline; None: the best against all others, which sums a setting up


def verdicts(found: Compared, confidence: float) -> list[Verdict]:
    """Sums of all settings first, then every group against the baseline."""
    level = 1 - confidence
    names = short_names(list(dict.fromkeys(row.group for row in found.rows)))
    by_measure = dict(_by_measure(found.best))
    summed = [
        Verdict(row.benchmark, row.setting, row.metric, _sum(rows, names, level)) for row, rows in by_measure.items()
    ]
    held = {(row.setting, row.metric) for row in by_measure}
    against = [row for row in found.rows if row.against and (row.setting, row.metric) in held]
    return summed + [
        Verdict(row.benchmark, row.setting, row.metric, _one(row, row.against, names, level), row.group)
        for row in against
        if row.against
    ]


def _by_measure(rows: Sequence[Row]) -> Iterator[tuple[Row, list[Row]]]:
    for measure in dict.fromkeys((row.setting, row.metric) for row in rows):
        some = [row for row in rows if (row.setting, row.metric) == measure]
        yield some[0], some


def _sum(rows: Sequence[Row], names: Mapping[str, str], level: float) -> str:
    """The best group of one measure: what it beats, what it cannot be told from, what could not be tested."""
    kinds: dict[str, list[Row]] = {}
    for row in rows:
        if row.against:
            kinds.setdefault(_kind(row, row.against, level), []).append(row)
    told = [f"{kind} {_several(some, names)}" for kind, some in sorted(kinds.items())]
    return f"{measure_name(rows[0])}: {names[rows[0].group]} " + "; ".join(told) + only_these(rows[0].against)


def _kind(row: Row, against: Against, level: float) -> str:
    """How the best group of a measure stands to another."""
    if against.tested is None:
        return "untested, ahead of" if against.difference else "untested, level with"
    if not _holds(against, level):
        return "not distinguishable from"
    return "better than" if row.setting == BIAS else ">"


def _several(rows: Sequence[Row], names: Mapping[str, str]) -> str:
    named = [f"{names[row.against.baseline]} ({figures(row)})" for row in rows[:NAMED] if row.against]
    more = [f"{len(rows) - NAMED} more"] if len(rows) > NAMED else []
    return " and ".join([*named, *more])


def _one(row: Row, against: Against, names: Mapping[str, str], level: float) -> str:
    """One group against the baseline."""
    group, other, where = names[row.group], names[against.baseline], measure_name(row)
    told = figures(row, effect=True)
    sign = ahead(against.difference) * (better(row.setting, row.metric) or 0)
    if against.tested is None:
        stands = {1: "ahead of", -1: "behind", 0: "level with"}[sign]
        return f"{group} {stands} {other} on {where} ({told}), not tested"
    if not _holds(against, level):
        return f"{group} not distinguishable from {other} on {where} ({told}){_why(against, level)}"
    words = {1: "better than", -1: "worse than"} if row.setting == BIAS else {1: ">", -1: "<"}
    return f"{group} {words[sign]} {other} on {where}, {told}{only_these(against)}"


def _holds(against: Against, level: float) -> bool:
    return against.p_holm is not None and against.p_holm < level


def _why(against: Against, level: float) -> str:
    """What stands between what was seen and a difference."""
    if against.p is not None and against.p < level and against.p_seeds is not None and against.p_seeds >= level:
        return "; these encoders differ, but the difference may be the seeds'"
    if against.tested is not None and against.tested < level:
        return f"; alone it would be (p {told_p(against.tested)}), among so many comparisons it is not"
    return only_these(against)
