"""What CLDR states about territories and languages, in codes: which facts there are, before anything is named.

A fact that is not settled is left out: a territory with several currencies, time zones or rivalling official
languages has no fact of that relation, and neither has a language with several scripts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from babel import localedata
from babel.core import get_global

Kind = Literal["territory", "language", "currency", "metazone", "zone", "weekday", "script", "direction"]
Codes = dict[str, str]  # entity -> value

CONTINENT_OF_ZONE = {"Africa": "002", "America": "019", "Asia": "142", "Australia": "009", "Europe": "150"}
OCEANIA = "009"
# Where the world has moved on from the data, or the data cannot say it.
NEW_CURRENCY = {"BG"}  # the euro since 2026
NEW_OFFICIAL_LANGUAGE = {"BF", "ME", "ML", "NE"}  # no longer French; and Montenegrin has no code
ON_TWO_CONTINENTS = {"TR"}  # one time zone, so its prefix hides it; RU and ES show it by theirs
OFFICIAL = ("official", "de_facto_official")  # in the whole territory, by law or, where no law says, in fact
LEAD = 2.0  # how many times as many speakers make an official language the main one
HAN = {"Hans": "Hani", "Hant": "Hani"}
RIGHT_TO_LEFT = {"Arab", "Hebr", "Thaa"}
ALSO_VERTICAL = {"Hani", "Jpan", "Kore", "Mong"}


@dataclass(frozen=True)
class Relation:
    """A relation between an entity and a value, and the pairs that CLDR states."""

    entity: Kind
    value: Kind
    codes: Callable[[], Codes]


def currencies() -> Codes:
    """The currency of each territory with exactly one current legal tender."""
    history = get_global("territory_currencies")
    current = {
        territory: [code for code, _, end, tender in history.get(territory, ()) if tender and not end]
        for territory in _territories() - NEW_CURRENCY
    }
    return {territory: codes[0] for territory, codes in current.items() if len(codes) == 1}


def official_languages() -> Codes:
    """The official language with at least twice the speakers of any other official or regionally official one."""
    found = {territory: _main_language(territory) for territory in _territories() - NEW_OFFICIAL_LANGUAGE}
    return {territory: language for territory, language in found.items() if language}


def continents() -> Codes:
    """The continent of each territory whose time zones name just one; of the oceans, only the Pacific counts."""
    found = {territory: _continent(zones) for territory, zones in _territory_zones()}
    return {territory: code for territory, code in found.items() if code and territory not in ON_TWO_CONTINENTS}


def standard_times() -> Codes:
    """The metazone of each territory that has a single one, such as Europe_Central."""
    metazones = {canonical(zone): name for zone, name in get_global("meta_zones").items()}
    found = {territory: {metazones.get(canonical(zone)) for zone in zones} for territory, zones in _territory_zones()}
    return {territory: name for territory, names in found.items() if len(names) == 1 for name in names if name}


def zone_places() -> Codes:
    """The time zone, named after a place, of each territory that has a single one."""
    return {territory: zones[0] for territory, zones in _territory_zones() if len(zones) == 1}


def first_weekdays() -> Codes:
    """The first day of the week (0 is Monday) in each territory that CLDR lists rather than leaves to the default."""
    # CLDR keeps it by territory, babel by locale: any locale of the territory holds the same.
    days: Codes = {}
    for identifier in sorted(localedata.locale_identifiers()):
        territory = identifier.rpartition("_")[2]
        if territory not in days and territory in _territories():
            week = localedata.load(identifier, merge_inherited=False).get("week_data", {})
            if "first_day" in week:
                days[territory] = str(week["first_day"])
    return days


@cache
def scripts() -> Codes:
    """The script of each official language that CLDR's likely subtags never write in a second one."""
    found: dict[str, set[str]] = defaultdict(set)
    for tag, likely in get_global("likely_subtags").items():
        language, *rest = tag.split("_")
        if not any(len(part) == 4 for part in rest):  # the tag does not itself ask for a script
            script = likely.split("_")[1]
            found[language].add(HAN.get(script, script))
    return {language: min(found[language]) for language in _official_somewhere() if len(found[language]) == 1}


def directions() -> Codes:
    """The direction of writing, which the script decides, of each language that is not written vertically as well."""
    return {
        language: "rtl" if script in RIGHT_TO_LEFT else "ltr"
        for language, script in scripts().items()
        if script not in ALSO_VERTICAL
    }


RELATIONS: dict[str, Relation] = {
    "currency": Relation("territory", "currency", currencies),
    "official_language": Relation("territory", "language", official_languages),
    "continent": Relation("territory", "territory", continents),
    "standard_time": Relation("territory", "metazone", standard_times),
    "zone_place": Relation("territory", "zone", zone_places),
    "first_weekday": Relation("territory", "weekday", first_weekdays),
    "script": Relation("language", "script", scripts),
    "direction": Relation("language", "direction", directions),
}


def canonical(zone: str) -> str:
    """One spelling for a time zone's ids: CLDR keeps names and times under some, such as Asia/Calcutta, or others."""
    return get_global("zone_aliases").get(zone, zone)


@cache
def _territories() -> frozenset[str]:
    """Codes of the territories where some language is spoken."""
    return frozenset(code for code, spoken in get_global("territory_languages").items() if spoken.keys() - {"und"})


def _territory_zones() -> Iterator[tuple[str, list[str]]]:
    zones = get_global("territory_zones")
    return ((territory, zones[territory]) for territory in sorted(_territories() & set(zones)))


def _continent(zones: list[str]) -> str | None:
    areas = {zone.partition("/")[0] for zone in zones}
    named = {CONTINENT_OF_ZONE[area] for area in areas if area in CONTINENT_OF_ZONE}
    if not named and "Pacific" in areas:
        return OCEANIA
    return named.pop() if len(named) == 1 else None


def _main_language(territory: str) -> str | None:
    speakers: dict[str, float] = defaultdict(float)  # per cent of the inhabitants, by language whatever its script
    by_status: dict[str, set[str]] = defaultdict(set)
    for tag, about in get_global("territory_languages")[territory].items():
        if status := about["official_status"]:
            language = tag.partition("_")[0]
            speakers[language] = max(speakers[language], about["population_percent"])
            by_status[status].add(language)
    nationwide = next((by_status[status] for status in OFFICIAL if by_status[status]), set())
    ranked = sorted(speakers, key=lambda language: -speakers[language])
    settled = ranked[:1] and all(speakers[ranked[0]] >= LEAD * speakers[other] for other in ranked[1:])
    return ranked[0] if settled and ranked[0] in nationwide else None


def _official_somewhere() -> list[str]:
    by_territory = get_global("territory_languages").values()
    official = (tag for languages in by_territory for tag, about in languages.items() if about["official_status"])
    return sorted({tag.partition("_")[0] for tag in official})
