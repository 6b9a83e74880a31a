"""Papers whose figures ours can stand beside: a CSV of the figures and a TOML of how they were made, each."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "published"
MEAN = "mean"  # in the column of languages: the paper's own average


class Measured(NamedTuple):
    """What a row of figures is of."""

    model: str
    sampler: str
    benchmark: str
    metric: str
    setting: str


@dataclass(frozen=True)
class Setting:
    """One thing that a paper's runs and ours may have different."""

    key: str  # where a run says it
    published: str | None  # None: the paper does not say
    sampler: str | None  # of this strategy alone; None: of all


@dataclass(frozen=True, eq=False)
class Paper:
    """One paper: its figures by what was measured and language, and how they were made."""

    source: str  # such as "arXiv 2408.10536"
    authors: str
    title: str
    url: str
    reading: str  # how its figures are read here
    figures: Mapping[Measured, Mapping[str, float]]  # by language, and MEAN
    settings: Mapping[str, Setting]  # by name

    def languages(self, benchmark: str) -> set[str]:
        """The languages that it reports of a benchmark."""
        return {code for of, by in self.figures.items() if of.benchmark == benchmark for code in by} - {MEAN}

    def values(self, column: str) -> list[str]:
        """What occurs in a column of `Measured`, in its order."""
        return list(dict.fromkeys(getattr(of, column) for of in self.figures))


@cache
def papers() -> tuple[Paper, ...]:
    """All papers whose figures are kept."""
    return tuple(read_paper(path) for path in sorted(FOLDER.glob("*.toml")))


def read_paper(path: Path) -> Paper:
    """A paper from its TOML and the CSV that it names."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    settings = {
        name: Setting(each["key"], each.get("is"), each.get("of")) for name, each in told.pop("settings").items()
    }
    return Paper(**{**told, "figures": _figures(path.with_name(told["figures"])), "settings": settings})


def _figures(path: Path) -> dict[Measured, dict[str, float]]:
    figures: dict[Measured, dict[str, float]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            of = Measured(*(row[column] for column in Measured._fields))
            figures.setdefault(of, {})[row["language"]] = float(row["value"])
    return figures
