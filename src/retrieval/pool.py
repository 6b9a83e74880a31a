"""The candidates of a search as integers: their languages, and the order that breaks ties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Pool:
    """Candidates' languages and tie order.

    Ties are broken as trec_eval breaks them: of two equal scores, the greater document id (as a string) comes first.
    """

    language: NDArray[np.int16]  # [candidates]
    languages: int  # how many there are
    id_order: NDArray[np.int32]  # [candidates] position of the candidate's id among all ids, ascending

    @classmethod
    def of(cls, ids: Sequence[str], language: NDArray[np.integer], languages: int) -> Pool:
        """The pool of candidates with these ids and languages."""
        order = np.empty(len(ids), dtype=np.int32)
        order[np.argsort(np.asarray(ids, dtype=object), kind="stable")] = np.arange(len(ids), dtype=np.int32)
        return cls(np.asarray(language, dtype=np.int16), languages, order)

    def __len__(self) -> int:
        return len(self.language)

    @cached_property
    def by_language(self) -> slice | NDArray[np.int64]:
        """Columns of the candidates grouped by language; a slice where they already are."""
        if (np.diff(self.language) >= 0).all():
            return slice(None)
        return np.argsort(self.language, kind="stable")

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """Bounds of the groups of `by_language` [languages + 1]."""
        counts = np.bincount(self.language, minlength=self.languages)
        return np.concatenate([[0], np.cumsum(counts)])

    @cached_property
    def best_id_first(self) -> NDArray[np.int64]:
        """Candidates by descending id: among equal scores, this is the order of the ranking."""
        return np.argsort(-self.id_order, kind="stable")
