"""Code-switched tokens of a batch: a text that changes is tokenised anew, any other keeps what the table has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from src.data.code_switching import CodeSwitching
from src.data.tokens import LazyTokens, tokenize


@dataclass(eq=False)
class Drawn:
    """Texts of one kind that a batch draws, with their tokens and where each stands in the global batch."""

    kind: str  # query, passage or negative
    tokens: list[NDArray[np.int32]]
    ids: NDArray[np.integer]
    languages: NDArray[np.integer]
    rows: NDArray[np.integer]  # of the global batch
    places: NDArray[np.integer] | int = 0  # within the row, where it has several
    prompts: Sequence[str] | None = None  # of each text, where they are not the side's own


@dataclass(frozen=True, eq=False)
class Augmentation:
    """Switches words of training texts; ids, languages and rows stay what they are."""

    switching: CodeSwitching
    queries: LazyTokens  # the side's texts, and how they are tokenised
    passages: LazyTokens

    def apply(self, batch: Iterable[Drawn], step: int) -> float:
        """Replace the tokens of the texts that change; the share of the words that were switched."""
        counts = [self._apply(drawn, step) for drawn in batch if drawn.kind in self.switching.kinds]
        words, switched = np.sum(counts, axis=0) if counts else (0, 0)
        return float(switched / max(1, words))

    def _apply(self, drawn: Drawn, step: int) -> tuple[int, int]:
        """Words, and how many of them were switched."""
        side = self.queries if drawn.kind == "query" else self.passages
        texts = side.texts.get(drawn.ids, drawn.languages)
        keys = self.switching.keys(drawn.kind, step, drawn.rows, drawn.places)
        each = zip(texts, drawn.languages.tolist(), keys.tolist(), strict=True)
        switched = [self.switching.switch(*one) for one in each]
        changed = [number for number, text in enumerate(texts) if switched[number].text != text]
        prompts = drawn.prompts or [side.prompt] * len(texts)
        prompted = [prompts[number] + switched[number].text for number in changed]
        anew = tokenize(prompted, side.tokenizer, "", side.max_length)
        for number, tokens in zip(changed, anew, strict=True):
            drawn.tokens[number] = tokens
        return sum(one.words for one in switched), sum(one.switched for one in switched)
