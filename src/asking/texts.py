"""Texts to search, each with its language where that is known and the place that it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

UNKNOWN = "?"  # the language of a text that nothing gives


class Text(NamedTuple):
    """One text."""

    text: str
    language: str  # a code, or UNKNOWN
    source: str  # file:line
    id: str | None = None  # texts that share one are translations of each other


class Texts:
    """All that is searched, by number."""

    def __init__(self, texts: Sequence[Text]) -> None:
        self.rows = list(texts)
        self.languages = tuple(sorted({text.language for text in texts}))

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> Text:
        return self.rows[number]

    @cached_property
    def language(self) -> NDArray[np.int16]:
        """[texts] index into `languages`."""
        numbers = {code: number for number, code in enumerate(self.languages)}
        return np.array([numbers[text.language] for text in self.rows], np.int16)

    @cached_property
    def by_id(self) -> dict[str, list[int]]:
        """The numbers of the texts with each id."""
        found: dict[str, list[int]] = {}
        for number, text in enumerate(self.rows):
            if text.id is not None:
                found.setdefault(text.id, []).append(number)
        return found

    def translations(self, number: int) -> list[int]:
        """A text and all that share its id; only itself where it has none."""
        ident = self.rows[number].id
        return [number] if ident is None else self.by_id[ident]
