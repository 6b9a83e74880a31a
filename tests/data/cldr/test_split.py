from dataclasses import replace

import numpy as np

from src.data.cldr.facts import Fact, facts
from src.data.cldr.split import split


def _entities(part):
    return {(facts()[fact].kind, facts()[fact].entity) for fact in part}


def _relations(part):
    return {facts()[fact].relation for fact in part}


def test_every_fact_is_in_one_part_and_parts_ascend():
    parts = split(facts())
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(facts())))
    assert all((np.diff(part) > 0).all() for part in parts)


def test_a_fifth_each_is_held_out():
    train, validation, test = map(len, split(facts()))
    assert validation == test == round(len(facts()) / 5)
    assert train == len(facts()) - validation - test


def test_every_entity_and_relation_held_out_is_trained_on():
    train, validation, test = split(facts())
    for part in (validation, test):
        assert _entities(part) <= _entities(train)
        assert _relations(part) == _relations(train)


def test_a_lone_fact_of_an_entity_is_trained_on():
    lone = [Fact("currency", code, "EUR") for code in ("AT", "BE", "FI", "FR")]
    pair = [Fact("currency", "DE", "EUR"), Fact("continent", "DE", "150")]
    train, validation, test = split(lone + pair)
    assert set(range(4)) <= set(train.tolist())
    assert len(test) == 1
    assert test[0] in (4, 5)
    assert not len(validation)


def test_order_of_the_facts_does_not_matter():
    forward, backward = split(facts()), split(facts()[::-1])
    last = len(facts()) - 1
    for ahead, behind in zip(forward, backward, strict=True):
        assert ahead.tolist() == sorted(last - behind)


def test_another_value_in_another_version_of_cldr_moves_no_fact():
    revised = [replace(fact, value="new") for fact in facts()]
    assert all((part == same).all() for part, same in zip(split(facts()), split(revised), strict=True))
