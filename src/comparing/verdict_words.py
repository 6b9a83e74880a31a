"""Words and figures that verdicts are made of."""

from __future__ import annotations

from collections.abc import Sequence

from src.comparing.comparison import BIAS, Against, Row
from src.reporting.tables import SETTINGS, bias_digits, bias_label


def short_names(labels: Sequence[str]) -> dict[str, str]:
    """Labels without the `sampler=` that all begin with, unless only a number is left: "128 > 256" misleads."""
    keys, values = {label.partition("=")[0] for label in labels}, {label: label.partition("=")[2] for label in labels}
    alike = len(keys) == 1 and all(value and not value[0].isdigit() for value in values.values())
    return values if alike else {label: label for label in labels}


def measure_name(row: Row) -> str:
    """As people write it: cross-lingual, rank distance."""
    return bias_label(row.metric) if row.setting == BIAS else SETTINGS.get(row.setting, row.setting)


def figures(row: Row, *, effect: bool = False) -> str:
    """Difference, interval, p, effect and languages won, of what there is."""
    against = row.against
    if against is None:
        return ""
    digits = bias_digits(row.metric)
    told = f"{against.difference:+,.{digits}f}"
    if against.interval:
        told += " [" + ", ".join(f"{end:,.{digits}f}" for end in against.interval) + "]"
    parts = [told]
    if against.p_holm is not None:
        parts.append(f"p {told_p(against.p_holm)}")
    if effect and against.effect is not None:
        parts.append(f"d = {against.effect:.2f}")
    return ", ".join(parts + ([f"{against.wins}/{against.languages} languages"] if against.languages else []))


def told_p(p: float) -> str:
    """As journals print it: = .41, = .032, < .001."""
    if p < 0.001:
        return "< .001"
    return "> .99" if p > 0.99 else f"= {p:.{2 if p >= 0.1 else 3}f}".replace("0.", ".", 1)


def only_these(against: Against | None) -> str:
    """What the tests cannot speak of where seeds do not repeat."""
    if against is None or against.p is None or against.p_seeds is not None:
        return ""
    encoders = "these two encoders" if against.paired_seeds == 1 else "these encoders"
    return f"; of {encoders} only, not of their strategies"
