"""Texts in any language to compare encoders on: dates, months and lists of territories out of CLDR, short and long."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

DAY = date(2024, 2, 29)
FEW = 12  # territories in a text of middle length; all of them are more than any encoder reads
ODD = ("  two spaces,\ta tab and\na line break ", "e\u0301 \u00e9 \U0001f642 ﬁ Ⅷ", "x")


def sample_texts(languages: Iterable[str]) -> dict[str, list[str]]:
    """By language: a word, a date, the months, some territories, all territories, and odd characters.

    Languages that CLDR does not know have the odd ones alone.
    """
    return {language: [*_of_cldr(language), *ODD] for language in languages}


def _of_cldr(language: str) -> list[str]:
    from babel import Locale, UnknownLocaleError
    from babel.dates import format_date

    try:
        locale = Locale.parse(language, sep="-" if "-" in language else "_")
    except (UnknownLocaleError, ValueError):
        return []
    territories = list(locale.territories.values())
    months = ", ".join(locale.months["format"]["wide"].values())
    name, day = locale.get_display_name() or language, format_date(DAY, "full", locale)
    return [name, day, f"{day}: {months}.", ", ".join(territories[:FEW]), ", ".join(territories)]
