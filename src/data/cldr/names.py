"""Names of CLDR's codes in one language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from babel import Locale
from babel.core import get_global

from src.data.cldr.relations import Kind, canonical
from src.data.cldr.templates import templates

Lookup = Callable[[str], str | None]  # None: the language has no name for the code


@cache
def names(language: str) -> dict[Kind, Lookup]:
    """How each kind of code is called in a language."""
    locale = Locale.parse(language)
    weekdays = locale.days["stand-alone"]["wide"]
    return {
        "territory": dict(locale.territories).get,
        "language": dict(locale.languages).get,
        "currency": dict(locale.currencies).get,
        "script": dict(locale.scripts).get,
        "metazone": lambda code: locale.meta_zones.get(code, {}).get("long", {}).get("standard"),
        "zone": lambda code: place_name(locale.time_zones, code),
        "weekday": lambda code: weekdays[int(code)],
        "direction": templates(language).directions.get,
    }


def place_name(zones: Mapping[str, Mapping[str, Any]], zone: str) -> str:
    """The place that a zone is named after; where a language spells it as the zone's id does, CLDR lists nothing."""
    current = canonical(zone)
    listed = (zones.get(spelling, {}).get("city") for spelling in (current, *_other_spellings()[current]))
    return next((name for name in listed if name), zone.rpartition("/")[2].replace("_", " "))


@cache
def _other_spellings() -> dict[str, list[str]]:
    spellings: dict[str, list[str]] = defaultdict(list)
    for other, current in get_global("zone_aliases").items():
        spellings[current].append(other)
    return spellings
