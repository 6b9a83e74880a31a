from dataclasses import replace

import numpy as np
import pytest

from src.errors import InputError
from src.evaluation.benchmark import Judgements, TextSet
from tests.evaluation.examples import WORKED

LANGUAGE = WORKED.queries.language


def judgements(query, candidate, grade) -> Judgements:
    return Judgements(np.array(query, np.int32), np.array(candidate, np.int32), np.array(grade, np.int16))


def test_relevant_judgements_have_a_positive_grade():
    judged = judgements([0, 0, 1], [1, 2, 0], [0, 2, -1])
    assert judged.relevant.candidate.tolist() == [2]


@pytest.mark.parametrize(
    "change",
    [
        {"languages": ("x", "z")},
        {"template": "{other}"},
        {"queries": TextSet(["qx", "qy", "other"], WORKED.queries.texts, LANGUAGE)},
        {"queries": TextSet(WORKED.queries.ids, ["a", "b", "c"], LANGUAGE)},
        {"queries": TextSet(WORKED.queries.ids, WORKED.queries.texts, 1 - LANGUAGE)},
        {"judgements": judgements([0, 0, 1, 1, 2], [0, 3, 0, 3, 1], [1, 1, 1, 1, 2])},
        {"judgements": judgements([0, 0, 1, 1, 2], [0, 3, 0, 3, 2], [1, 1, 1, 1, 1])},
    ],
)
def test_the_fingerprint_changes_with_whatever_is_scored(change):
    assert replace(WORKED, **change).fingerprint != WORKED.fingerprint


def test_the_fingerprint_is_that_of_the_content():
    assert replace(WORKED, name="other", metrics=("R@1",), headline="R@1").fingerprint == WORKED.fingerprint
    moved = replace(WORKED, queries=TextSet(["qx", "qy", "qx2"], ["text of qxt", "ext of qy", "text of qx2"], LANGUAGE))
    same = replace(WORKED, queries=TextSet(["qx", "qy", "qx2"], ["text of qx", "text of qy", "text of qx2"], LANGUAGE))
    assert same.fingerprint == WORKED.fingerprint != moved.fingerprint


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"metrics": ("mAP", "nDGC@10")}, "unknown metric 'nDGC@10'"),
        ({"headline": "MRR"}, "headline metric 'MRR' is not among mAP, R@1"),
        ({"queries": TextSet(["qx", "qy", "qx"], ["a", "b", "c"], LANGUAGE)}, "duplicate query id 'qx'"),
        ({"queries": TextSet(["qx", "qy", "qz"], ["a", " \n", "c"], LANGUAGE)}, "query 'qy' is empty"),
        ({"queries": TextSet(["qx", "qy", "qz"], ["a", "b\ud800", "c"], LANGUAGE)}, "'qy' holds half of a surrogate"),
        ({"queries": TextSet(["qx"], ["a", "b"], LANGUAGE)}, "1 query ids, 2 texts, 3 languages"),
        ({"candidates": TextSet([], [], LANGUAGE[:0])}, "has no candidate"),
        ({"languages": ("x",), "settings": ("multilingual",)}, "measures multilingual, and all its texts are in one"),
        ({"judgements": judgements([0], [5], [1])}, "names candidate 5, but there are 5"),
        ({"judgements": judgements([0, -1], [0, 0], [1, 1])}, "names query"),
        ({"judgements": judgements([1, 0], [0, 0], [1, 1])}, "not sorted by query"),
        ({"judgements": judgements([0, 0], [3, 3], [1, 2])}, "judged twice"),
        ({"judgements": judgements([0, 1], [3, 3], [0, 0])}, "no judgement says that a candidate is relevant"),
    ],
)
def test_what_cannot_be_scored_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        replace(WORKED, **change)
