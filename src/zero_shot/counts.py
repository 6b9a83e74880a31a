"""Overlap counted by language and part of a benchmark, and the limit it may not pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from src.errors import InputError
from src.zero_shot.search import Found

QUESTIONS, RELEVANT, OTHERS = "questions", "relevant passages", "other passages"
LIMITED = (QUESTIONS, RELEVANT)  # the rest of a pool may be trained on: it is there to distract
TOLD = 5  # of those above the limit in the message

Section = Mapping[str, Any]


def counts(
    found: Found, chosen: NDArray[np.bool_], language: NDArray[np.integer], languages: tuple[str, ...], *, near: bool
) -> dict[str, Any]:
    """How many of the chosen texts are in the training data: of all, and by language that has such texts."""
    by_language = {code: chosen & (language == number) for number, code in enumerate(languages)}
    return {
        "all": _count(found, chosen, near),
        "languages": {code: _count(found, texts, near) for code, texts in by_language.items() if texts.any()},
    }


def check_overlap(section: Section, max_overlap: float | None) -> None:
    """InputError where more of a language's questions or relevant passages is in the training data; None: no limit.

    `section` comes from `overlap_section` or `audit`: the share counts near-duplicates where they were looked for.
    """
    if max_overlap is None:
        return
    check_limit(max_overlap)
    above = sorted((each for each in _shares(section) if each[0] > max_overlap), key=lambda each: -each[0])
    if above:
        told = [f"{share:.1%} of the {part} of {name} in {language}" for share, name, part, language in above]
        nearly = " or nearly so" if section.get("similarity") else ""
        more = [f"also {each}" for each in told[1:TOLD]] + ([f"and {len(told) - TOLD} more"] if told[TOLD:] else [])
        raise InputError(
            "\n  ".join(
                [f"{told[0]} are in the training data{nearly}, but max_overlap allows only {max_overlap:.1%}", *more]
            ),
            where="max_overlap",
            fix="take them out of the training data, score on another benchmark, or raise max_overlap",
        )


def check_limit(max_overlap: Any) -> None:
    """InputError unless it is a share or None."""
    number = isinstance(max_overlap, (int, float)) and not isinstance(max_overlap, bool)
    if max_overlap is not None and not (number and 0 <= max_overlap <= 1):
        raise InputError(
            f"max_overlap must be a share from 0 to 1, got {max_overlap!r}", where="max_overlap", fix="0.01 for 1 %"
        )


def _count(found: Found, chosen: NDArray[np.bool_], near: bool) -> dict[str, int | float]:
    texts = int(chosen.sum())
    held = {"exact": found.exact, **({"near": found.near} if near else {})}
    numbers = {what: int((flags & chosen).sum()) for what, flags in held.items()}
    return {
        "texts": texts,
        **numbers,
        **{f"{what}_share": number / texts if texts else 0.0 for what, number in numbers.items()},
    }


def _shares(section: Section) -> Iterator[tuple[float, str, str, str]]:
    for name, benchmark in section["benchmarks"].items():
        for part in LIMITED:
            for language, count in benchmark["parts"][part]["languages"].items():
                yield count.get("near_share", count["exact_share"]), name, part, language
