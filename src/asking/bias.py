"""The language bias of one question: whose texts stand at the top, and how far down the others' begin."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from src.asking.index import Asked, Index


class OfLanguage(NamedTuple):
    """One language in the ranking of all texts."""

    language: str
    found: int  # of its texts among the best
    share: float  # of the best
    pool_share: float  # of all texts: what `share` would be if languages did not matter
    first: int  # the best rank of its texts
    translation: int | None  # the best rank of its translation of one answer; None where it has none


class QueryBias(NamedTuple):
    """The ranking that a question gives, by language."""

    top: int  # how many are the best
    pool: int  # texts
    languages: list[OfLanguage]
    answer: int | None  # the rank of the answer whose translations are looked up; None: it has no id, or no answer
    id: str | None

    @property
    def distance(self) -> int | None:
        """From the first to the last translation, in ranks; None for fewer than two."""
        ranks = [each.translation for each in self.languages if each.translation is not None]
        return max(ranks) - min(ranks) if len(ranks) > 1 else None


def query_bias(index: Index, asked: Asked, answer: int = 1) -> QueryBias:
    """The bias among the answers that were found, in the ranking of all texts; `answer` is the rank of one of them."""
    texts, language = index.texts, index.texts.language
    rank = ranks(index.scores(asked), [text.source for text in texts.rows])
    chosen = asked.answers[answer - 1].number if 0 < answer <= len(asked.answers) else None
    known = chosen is not None and texts[chosen].id is not None
    versions = np.array(texts.translations(chosen) if known and chosen is not None else [], np.int64)
    found = np.bincount(language[[each.number for each in asked.answers]], minlength=len(texts.languages))
    held = np.bincount(language, minlength=len(texts.languages))
    rows = [
        OfLanguage(
            code,
            int(found[number]),
            found[number] / max(1, len(asked.answers)),
            held[number] / len(texts),
            int(rank[language == number].min()),
            min(rank[versions[language[versions] == number]].tolist(), default=None),
        )
        for number, code in enumerate(texts.languages)
    ]
    rows.sort(key=lambda row: row.first)
    ident = texts[chosen].id if chosen is not None else None
    return QueryBias(len(asked.answers), len(texts), rows, answer if known else None, ident)


def ranks(scores: NDArray[np.float32], sources: list[str]) -> NDArray[np.int64]:
    """The rank of each text, from 1: score descending, then source descending, as a search breaks ties."""
    order = np.lexsort((np.array(sources, dtype=object), scores))[::-1]
    rank = np.empty(len(scores), np.int64)
    rank[order] = np.arange(1, len(scores) + 1)
    return rank
