"""Questions and answers as sentences."""

from __future__ import annotations

import hashlib

from src.data.cldr.facts import Fact
from src.data.cldr.templates import templates


def question(fact: Fact, language: str) -> str:
    """The question that a fact answers."""
    wordings = templates(language).wordings[fact.relation].questions
    return _sentence(wordings[_draw(fact, language, "question", len(wordings))], fact, language)


def answer(fact: Fact, language: str) -> str:
    """The sentence that states a fact, naming its entity and its value."""
    wordings = templates(language).wordings[fact.relation].answers
    return _sentence(wordings[_draw(fact, language, "answer", len(wordings))], fact, language)


def _draw(fact: Fact, language: str, side: str, wordings: int) -> int:
    """Which wording: by a stable hash, so that it differs between the languages of a fact and never between runs."""
    drawn = hashlib.blake2b(f"{side}/{language}/{fact.key}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn, "big") % wordings


def _sentence(template: str, fact: Fact, language: str) -> str:
    text = template.format(entity=fact.entity_name(language), value=fact.value_name(language))
    return text[0].upper() + text[1:]
