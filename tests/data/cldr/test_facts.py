from collections import Counter

import pytest

from src.data.cldr import facts as module
from src.data.cldr.facts import Fact, facts
from src.data.cldr.relations import RELATIONS, Relation
from src.data.cldr.templates import LANGUAGES


@pytest.fixture
def stated(monkeypatch):
    """facts() over hand-made relations."""

    def build(**relations: Relation):
        monkeypatch.setattr(module, "RELATIONS", relations)
        return facts.__wrapped__()

    return build


def test_about_fifteen_hundred_facts_of_every_relation():
    assert 1_400 < len(facts()) < 1_700
    counts = Counter(fact.relation for fact in facts())
    assert set(counts) == set(RELATIONS)
    assert min(counts.values()) > 100
    assert 400 < len({(fact.kind, fact.entity) for fact in facts()}) < 500


def test_keys_are_unique_and_facts_sorted_within_a_relation():
    keys = [fact.key for fact in facts()]
    assert len(set(keys)) == len(keys)
    for relation in RELATIONS:
        entities = [fact.entity for fact in facts() if fact.relation == relation]
        assert entities == sorted(entities)


def test_every_fact_is_named_in_every_language():
    assert len(LANGUAGES) == 11
    for fact in facts():
        for language in LANGUAGES:
            assert fact.entity_name(language)
            assert fact.value_name(language)


def test_no_two_entities_share_a_name():
    for language in LANGUAGES:
        entities = {(fact.kind, fact.entity): (fact.kind, fact.entity_name(language)) for fact in facts()}
        assert len(set(entities.values())) == len(entities)


def test_known_facts():
    known = {fact.key: fact.value for fact in facts()}
    assert known["official_language:JP"] == "ja"  # Thai has one name for both, which is no reason to leave it out
    assert known["currency:CH"] == "CHF"
    assert known["script:el"] == "Grek"
    assert known["direction:ur"] == "rtl"
    assert known["zone_place:PK"] == "Asia/Karachi"


def test_a_zone_named_after_its_territory_tells_nothing():
    known = {fact.key for fact in facts()}
    assert "zone_place:SG" not in known
    assert "zone_place:LU" not in known
    assert "zone_place:AT" in known


def test_a_name_missing_in_one_language_drops_the_fact(stated):
    currency = Relation("territory", "currency", lambda: {"JP": "JPY", "DE": "QQQ", "QX": "EUR"})
    assert stated(currency=currency) == (Fact("currency", "JP", "JPY"),)


def test_entities_that_share_a_name_in_one_language_are_dropped(stated, monkeypatch):
    renamed = Fact.entity_name
    monkeypatch.setattr(
        Fact,
        "entity_name",
        lambda fact, language: "กินี" if language == "th" and fact.entity in ("GN", "GQ") else renamed(fact, language),
    )
    currency = Relation("territory", "currency", lambda: {"GN": "GNF", "GQ": "XAF", "JP": "JPY"})
    assert [fact.entity for fact in stated(currency=currency)] == ["JP"]
