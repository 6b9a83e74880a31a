"""What rows are dealt from: concepts with an order of their own, and the languages that they are shown in."""

from __future__ import annotations

from dataclasses import dataclass

from src.data.pair_index import PairIndex
from src.sampling.eligible import Eligible
from src.sampling.members import Members

ANOTHER = -1  # for a passage's language: one other than the question's, drawn for each row


@dataclass(frozen=True, eq=False)
class Deck:
    """The concepts that can be asked in one language and answered in one language, or in any other."""

    name: str  # of its order and in the record
    query: int
    passage: int
    members: Members


def decks_by_language(index: PairIndex, eligible: Eligible, crosslingual: bool, suffix: str = "") -> list[Deck]:
    """One deck for each question language, also for one without a concept; named by its code and a suffix."""
    return [
        Deck(code + suffix, language, ANOTHER if crosslingual else language, eligible.asked[language])
        for language, code in enumerate(index.languages)
    ]
