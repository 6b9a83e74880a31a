"""What a domain-shift report is made of: its domains, which of them are in-domain, its settings and its metric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from src.comparing.comparability import NOT_METRICS
from src.comparing.encoders import Encoder
from src.errors import InputError
from src.evaluation.benchmark import SETTINGS
from src.shifting.shift import Domains
from src.shifting.split import Summaries

IN_DOMAIN, ONLY = "in_domain", "domains"  # options


def choose_domains(encoders: Sequence[Encoder], in_domain: Sequence[str], only: Sequence[str]) -> Domains:
    """The domains of all encoders, or those asked for; unasked, in-domain is what all encoders were trained on."""
    known = list(dict.fromkeys(name for encoder in encoders for name in encoder.metrics))
    chosen = [name for name in known if name in {_named(asked, known, ONLY) for asked in only}] if only else known
    if len(chosen) < 2:
        raise InputError(
            f"Only one domain is scored in these runs: {', '.join(chosen)}.",
            where=ONLY,
            fix="score the encoders on another one: python -m src.evaluate checkpoint=outputs/<run> benchmark=...",
        )
    inside = [_named(asked, chosen, IN_DOMAIN) for asked in in_domain] or _trained_on(encoders, chosen)
    if not inside:
        raise InputError(
            "Which domain the encoders are at home in cannot be known.",
            where=IN_DOMAIN,
            fix=f"in_domain=..., one or more of {', '.join(chosen)}",
        )
    outside = [name for name in chosen if name not in inside]
    if not outside:
        raise InputError(
            "No domain is left that is out-of-domain.", where=IN_DOMAIN, fix=f"fewer of {', '.join(inside)}"
        )
    return Domains(tuple(name for name in chosen if name in inside), tuple(outside))


def _named(asked: str, known: Sequence[str], option: str) -> str:
    """The domain of this name, or the only one whose name holds it."""
    found = [name for name in known if name == asked] or [name for name in known if asked in name]
    if len(found) != 1:
        raise InputError(
            f"{'More than one' if found else 'No'} domain is called {asked!r}.",
            where=option,
            fix=f"of {', '.join(found or known)}",
        )
    return found[0]


def _trained_on(encoders: Sequence[Encoder], known: Sequence[str]) -> list[str]:
    """The one domain that has the name of the dataset that all encoders were trained on."""
    datasets = {(encoder.record.get("data") or {}).get("name") for encoder in encoders}
    found = [name for name in known if {name.partition("[")[0]} == datasets]
    return found if len(found) == 1 else []


def complete(encoders: Sequence[Encoder], domains: Domains) -> list[Encoder]:
    """The encoders that are scored on all domains; InputError where there is none."""
    found = [encoder for encoder in encoders if not lacking(encoder, domains)]
    if not found:
        told = "; ".join(f"{encoder.folder} lacks {', '.join(lacking(encoder, domains))}" for encoder in encoders)
        raise InputError(
            "No encoder is scored on all domains.", where=told, fix="score it on them, or name fewer: domains=[...]"
        )
    return found


def lacking(encoder: Encoder, domains: Domains) -> list[str]:
    """Domains that an encoder is not scored on."""
    return [name for name in domains.every if name not in encoder.metrics]


def choose_settings(summaries: Summaries, asked: str | None) -> list[str]:
    """The settings that all domains share, or the one that is asked for."""
    shared = [name for name in SETTINGS if all(name in each["settings"] for each in summaries.values())]
    if asked in shared:
        return [asked]
    if asked is not None or not shared:
        held = "; ".join(f"{name}: {', '.join(each['settings'])}" for name, each in summaries.items())
        what = "No setting is" if asked is None else f"The setting {asked!r} is not"
        raise InputError(f"{what} shared by all domains.", where="setting", fix=f"of the shared ones ({held})")
    return shared


def choose_metric(summaries: Summaries, settings: Sequence[str], asked: str | None) -> str:
    """The first metric that all domains share in these settings, or the one that is asked for."""
    of_domain = {name: _metrics(each, settings) for name, each in summaries.items()}
    first = next(iter(of_domain.values()))
    shared = [metric for metric in first if all(metric in metrics for metrics in of_domain.values())]
    if asked in shared:
        return asked
    if asked is not None or not shared:
        held = "; ".join(f"{name}: {', '.join(metrics)}" for name, metrics in of_domain.items())
        what = "No metric is" if asked is None else f"The metric {asked!r} is not"
        fix = f"one of {', '.join(shared)}" if shared else "score them again with the same benchmark.metrics"
        raise InputError(f"{what} shared by all domains ({held}).", where="metric", fix=fix)
    return shared[0]


def _metrics(summary: Any, settings: Sequence[str]) -> list[str]:
    tables = [summary["settings"][setting] for setting in settings]
    return [name for name in tables[0] if name not in NOT_METRICS and all(name in table for table in tables)]
