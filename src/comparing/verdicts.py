"""What a comparison found, in words: the best group of each setting, and each group against the baseline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from src.comparing.comparison import BIAS, Against, Row
from src.comparing.differences import Compared
from src.comparing.values import better
from src.comparing.verdict_words import figures, measure_name, only_these, short_names, told_p

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
    """How the best group of a measure stands to another: behind, perhaps, where they share only some seeds."""
    if against.tested is None:
        return f"untested, {_place(row, against)}"
    return _word(row, against) if _holds(against, level) else "not distinguishable from"


def _several(rows: Sequence[Row], names: Mapping[str, str]) -> str:
    named = [f"{names[row.against.baseline]} ({figures(row)})" for row in rows[:NAMED] if row.against]
    more = [f"{len(rows) - NAMED} more"] if len(rows) > NAMED else []
    return " and ".join([*named, *more])


def _one(row: Row, against: Against, names: Mapping[str, str], level: float) -> str:
    """One group against the baseline."""
    group, other, where = names[row.group], names[against.baseline], measure_name(row)
    told = figures(row, effect=True)
    if against.tested is None:
        return f"{group} {_place(row, against)} {other} on {where} ({told}), not tested"
    if not _holds(against, level):
        return f"{group} not distinguishable from {other} on {where} ({told}){_why(against, level)}"
    return f"{group} {_word(row, against)} {other} on {where}, {told}{only_these(against)}"


def _place(row: Row, against: Against) -> str:
    return {1: "ahead of", -1: "behind", 0: "level with"}[_sign(row, against)]


def _word(row: Row, against: Against) -> str:
    words = {1: "better than", -1: "worse than"} if row.setting == BIAS else {1: ">", -1: "<"}
    return words[_sign(row, against)]


def _sign(row: Row, against: Against) -> int:
    """1 where the group is better, -1 where it is worse."""
    more = (against.difference > 0) - (against.difference < 0)
    return more * (better(row.setting, row.metric) or 0)


def _holds(against: Against, level: float) -> bool:
    return against.p_holm is not None and against.p_holm < level


def _why(against: Against, level: float) -> str:
    """What stands between what was seen and a difference."""
    encoders, seeds = against.p_holm_encoders, against.p_seeds
    if encoders is not None and encoders < level and seeds is not None and seeds >= level:
        return "; these encoders differ, but the difference may be the seeds'"
    if against.tested is not None and against.tested < level:
        return f"; alone it would be (p {told_p(against.tested)}), among so many comparisons it is not"
    return only_these(against)
