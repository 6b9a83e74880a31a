"""What is mined: where is looked, how deep, and how far below the positive a negative must score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from src.errors import InputError
from src.options import texts

Languages = Literal["same", "other", "any"]
Draw = Literal["top", "random"]


@dataclass(frozen=True)
class Mining:
    """Options of a mining, as conf/mine.yaml explains them."""

    ranks: Sequence[int] = (10, 50)
    max_share_of_positive: float | None = 0.95
    margin: float | None = None
    negatives: int = 4
    draw: Draw = "random"
    languages: Languages = "any"
    query_languages: Sequence[str] | str | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        _check_ranks(self.ranks)
        share, margin = self.max_share_of_positive, self.margin
        if share is not None and not (_is_number(share) and 0 < share <= 1):
            raise InputError(
                f"max_share_of_positive must be above 0 and at most 1, or null, got {share!r}",
                where="max_share_of_positive",
                fix="0.95 keeps what scores at most 95 % of the positive's score",
            )
        if margin is not None and not (_is_number(margin) and 0 <= margin < float("inf")):
            what = f"margin must be a number from 0 on, or null, got {margin!r}"
            raise InputError(what, where="margin", fix="0.05 keeps what scores at least 0.05 less than the positive")
        for key, choices in (("languages", get_args(Languages)), ("draw", get_args(Draw))):
            if getattr(self, key) not in choices:
                raise InputError(f"{key} must be one of {', '.join(choices)}, got {getattr(self, key)!r}", where=key)
        if not isinstance(self.negatives, int) or self.negatives < 1:
            raise InputError(f"negatives must be a whole number from 1 on, got {self.negatives!r}", where="negatives")

    @property
    def first(self) -> int:
        """The best rank that is taken."""
        return self.ranks[0]

    @property
    def last(self) -> int:
        """The lowest rank that is taken."""
        return self.ranks[1]

    def bound(self, positive: NDArray[np.floating]) -> NDArray[np.float64]:
        """The highest score that a negative may have, given that of the positive.

        min(p - (1 - share) |p|, p - margin). For p > 0 the first is share p, NV-Retriever's TopK-PercPos, and the
        second its TopK-MarginPos (2407.15831); for p < 0 the first lies below p, too. Infinite without either.
        """
        score = np.asarray(positive, np.float64)
        bound = np.full(score.shape, np.inf)
        if self.max_share_of_positive is not None:
            bound = score - (1 - self.max_share_of_positive) * np.abs(score)
        return bound if self.margin is None else np.minimum(bound, score - self.margin)

    def asking(self, languages: Sequence[str]) -> list[int]:
        """The languages whose questions ask, by number among the data's; InputError where that cannot be."""
        wanted = list(languages) if self.query_languages is None else texts(self.query_languages, "query_languages")
        if unknown := [code for code in wanted if code not in languages]:
            what = f"the data have no language {unknown[0]!r}"
            raise InputError(what, where="query_languages", fix=f"some of {', '.join(languages)}, or null for all")
        if not wanted or len(set(wanted)) < len(wanted):
            raise InputError("query_languages must name each language once", where="query_languages")
        if self.languages == "other" and len(languages) < 2:
            fix = "languages=same, or data in several languages"
            raise InputError(f"the data are in {languages[0]!r} alone", where="languages", fix=fix)
        return [list(languages).index(code) for code in wanted]

    def looks_in(self, asked_in: NDArray[np.integer], language: int) -> NDArray[np.bool_]:
        """[queries] which of the queries, by their languages, look at the passages of a language."""
        if self.languages == "any":
            return np.ones(len(asked_in), bool)
        return asked_in == language if self.languages == "same" else asked_in != language


def _check_ranks(ranks: Any) -> None:
    good = isinstance(ranks, Sequence) and not isinstance(ranks, str) and len(ranks) == 2
    if not good or not all(isinstance(rank, int) and not isinstance(rank, bool) and rank >= 1 for rank in ranks):
        given = list(ranks) if good else ranks
        what = f"ranks must be two whole numbers from 1 on, got {given!r}"
        raise InputError(what, where="ranks", fix="ranks=[10,50] takes the 10th to the 50th")
    if ranks[0] > ranks[1]:
        what = f"ranks are reversed: the first, {ranks[0]}, is greater than the last, {ranks[1]}"
        raise InputError(what, where="ranks", fix=f"ranks=[{ranks[1]},{ranks[0]}]")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
