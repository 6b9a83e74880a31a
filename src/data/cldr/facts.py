"""The facts that can be asked and answered in every language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from src.data.cldr.names import names
from src.data.cldr.relations import RELATIONS, Kind
from src.data.cldr.templates import LANGUAGES


@dataclass(frozen=True)
class Fact:
    """A relation, an entity and a value, the two latter as CLDR's codes."""

    relation: str
    entity: str
    value: str

    @property
    def kind(self) -> Kind:
        """What the entity is: a territory or a language."""
        return RELATIONS[self.relation].entity

    @property
    def key(self) -> str:
        """What identifies the fact in every version of CLDR, for example currency:JP."""
        return f"{self.relation}:{self.entity}"

    def entity_name(self, language: str) -> str | None:
        """The entity's name in a language."""
        return names(language)[self.kind](self.entity)

    def value_name(self, language: str) -> str | None:
        """The value's name in a language."""
        return names(language)[RELATIONS[self.relation].value](self.value)


@cache
def facts() -> tuple[Fact, ...]:
    """All facts by relation and entity; a fact's place here is its id.

    Each is named in every language, tells something in every language, and is about an entity whose name no other
    entity of its kind shares in any language: so translations are complete and no two answers can be the same text.
    """
    told = [fact for fact in _stated() if all(_tells(fact, language) for language in LANGUAGES)]
    shared = set().union(*(_sharing_a_name(told, language) for language in LANGUAGES))
    return tuple(fact for fact in told if (fact.kind, fact.entity) not in shared)


def _stated() -> Iterator[Fact]:
    for name, relation in RELATIONS.items():
        yield from (Fact(name, entity, value) for entity, value in sorted(relation.codes().items()))


def _tells(fact: Fact, language: str) -> bool:
    entity, value = fact.entity_name(language), fact.value_name(language)
    # That Singapore's time zone is named after Singapore tells nothing; Thai calls Japan and Japanese by one name.
    by_itself = RELATIONS[fact.relation].value in ("zone", "metazone") and entity == value
    return bool(entity and value) and not by_itself


def _sharing_a_name(told: Iterable[Fact], language: str) -> set[tuple[Kind, str]]:
    called = {(fact.kind, fact.entity): (fact.kind, str(fact.entity_name(language)).casefold()) for fact in told}
    bearers = Counter(called.values())
    return {entity for entity, name in called.items() if bearers[name] > 1}
