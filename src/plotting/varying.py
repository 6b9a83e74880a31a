"""Which numeric setting varies while all else is equal, such as alpha, the batch size or the temperature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from src.comparing.grouping import RunGroup
from src.comparing.labels import ABSENT, differing_keys, name_groups, values_of
from src.reporting.settings import settings

FEWEST = 3  # values that make a curve


@dataclass(frozen=True, eq=False)
class Family:
    """Groups that differ in the setting alone, by its value, rising."""

    name: str  # what they share that other families do not; empty if there is one family
    members: dict[float, RunGroup]


@dataclass(frozen=True, eq=False)
class Varying:
    """One setting, the groups along it, and those that do not have it."""

    key: str  # dotted
    families: list[Family]
    without: list[RunGroup]


def varying(groups: Sequence[RunGroup]) -> list[Varying]:
    """Each setting that takes at least FEWEST numbers among groups that are otherwise alike."""
    described = [_described(group) for group in groups]
    telling = name_groups(described, ()).keys if len(groups) > 1 else []
    found = []
    for key in telling:
        families = _families(groups, described, key, [other for other in telling if other != key])
        if families:
            members = {id(group) for family in families for group in family.members.values()}
            without = [g for g, each in zip(groups, described, strict=True) if each.get(key, ABSENT) == ABSENT]
            found.append(Varying(key, families, [group for group in without if id(group) not in members]))
    return found


def _families(
    groups: Sequence[RunGroup], described: Sequence[Mapping[str, Any]], key: str, others: Sequence[str]
) -> list[Family]:
    alike: dict[tuple[str, ...], dict[float, int]] = {}
    for number, each in enumerate(described):
        value = each.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            alike.setdefault(values_of(each, others), {})[float(value)] = number
    kept = [members for members in alike.values() if len(members) >= FEWEST]
    first = [described[min(members.values())] for members in kept]
    telling = [each for each in differing_keys(first) if each in others]
    return [
        Family(
            " ".join(f"{name.rsplit('.', 1)[-1]}={one.get(name, ABSENT)}" for name in telling),
            {value: groups[members[value]] for value in sorted(members)},
        )
        for one, members in zip(first, kept, strict=True)
    ]


def _described(group: RunGroup) -> dict[str, Any]:
    """The settings that its encoders were trained with, without seeds."""
    run = group.runs[0]
    trained = run.trained or run
    flat = settings(trained.config, trained.record.get("folder", trained.folder))
    return {key: value for key, value in flat.items() if key.rsplit(".", 1)[-1] != "seed"}
