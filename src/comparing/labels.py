"""Short names for groups of runs: as few settings as tell them apart, and only where they are not the usual ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ABSENT = "-"
USUAL = "the usual"  # the name of the group that has all that most have
Described = Mapping[str, Any]  # dotted key -> value


@dataclass(frozen=True, eq=False)
class Labels:
    """How groups are named."""

    keys: list[str]  # settings that together tell all groups apart
    usual: dict[str, Any]  # of these, what most groups have: not repeated in their names
    confounded: dict[str, list[Any]]  # differing settings that no name shows -> their values

    def of(self, group: Described) -> str:
        """A group's name, such as "sampler=hybrid alpha=0.3"."""
        unusual = [key for key in self.keys if key in group and self.usual.get(key, ABSENT) != group[key]]
        return " ".join(f"{self._short(key)}={group[key]}" for key in unusual) or USUAL

    @property
    def usually(self) -> str:
        """What holds where a name does not say otherwise; empty if names say it all."""
        return " ".join(f"{self._short(key)}={value}" for key, value in self.usual.items())

    def _short(self, key: str) -> str:
        """A key's last part, or the whole key where two share it."""
        last = [each.rsplit(".", 1)[-1] for each in self.keys]
        return key if last.count(key.rsplit(".", 1)[-1]) > 1 else key.rsplit(".", 1)[-1]


def name_groups(groups: Sequence[Described], choices: Collection[str]) -> Labels:
    """Labels of groups that all differ; keys in `choices` (config groups such as `sampler`) are always shown."""
    differing = differing_keys(groups)
    keys = _telling(groups, differing)
    usual = {key: _most(groups, key) for key in keys if key not in choices}
    return Labels(
        keys,
        {key: value for key, value in usual.items() if value != ABSENT},
        _confounded(groups, differing, keys, choices),
    )


def in_order(label: str) -> list[tuple[float, str]]:
    """Sorts names as people count: batch_size=16 before batch_size=128."""
    parts = re.split(r"(\d+(?:\.\d+)?(?:e[+-]?\d+)?)", label)  # words and numbers in turn
    return [(float(part), "") if place % 2 else (0.0, part) for place, part in enumerate(parts)]


def differing_keys(described: Sequence[Described]) -> list[str]:
    """Keys that do not have the same value everywhere, in their order."""
    keys = dict.fromkeys(key for each in described for key in each)
    return [key for key in keys if len({repr(each.get(key, ABSENT)) for each in described}) > 1]


def values_of(described: Described, keys: Sequence[str]) -> tuple[str, ...]:
    """Values as a hashable key."""
    return tuple(repr(described.get(key, ABSENT)) for key in keys)


def _telling(groups: Sequence[Described], differing: Sequence[str]) -> list[str]:
    """The keys, each of which tells apart groups that the keys before it do not."""
    telling: list[str] = []
    for key in differing:
        with_it = {values_of(group, [*telling, key]) for group in groups}
        if len(with_it) > len({values_of(group, telling) for group in groups}):
            telling.append(key)
    for group in groups:  # an untrained encoder has no sampler: its model names it
        if telling and not any(key in group for key in telling):
            telling += [key for key in differing if key in group][:1]
    return telling


def _most(groups: Sequence[Described], key: str) -> Any:
    """The value that more than half of the groups with this key have, else ABSENT."""
    values = [group[key] for group in groups if key in group]
    spelled, count = Counter(map(repr, values)).most_common(1)[0]
    return next(value for value in values if repr(value) == spelled) if 2 * count > len(values) > 1 else ABSENT


def _confounded(
    groups: Sequence[Described], differing: Sequence[str], keys: Sequence[str], choices: Collection[str]
) -> dict[str, list[Any]]:
    """Differing keys outside the config groups that names show: a difference in results may be theirs."""
    shown = set(keys) & set(choices)
    hidden = [key for key in differing if key not in keys and key.split(".", 1)[0] not in shown]
    return {key: list(dict.fromkeys(group.get(key, ABSENT) for group in groups)) for key in hidden}
