from types import SimpleNamespace

import numpy as np
from torch import nn

from src.data.pair_index import PairIndex
from src.data.row_digest import as_text, digest
from src.reporting.sections import data_section, model_section, pair_counts, plan_section

INDEX = PairIndex(
    languages=("ar", "de", "en"),
    question=np.arange(4, dtype=np.int32),
    passage=np.arange(4, dtype=np.int32),
    question_languages=np.array([0b111, 0b101, 0b001, 0b110], np.uint8),
    passage_languages=np.array([0b111, 0b011, 0b001, 0b100], np.uint8),
    dataset=np.array([0, 0, 1, 1], np.uint8),
    datasets=("one", "two"),
)


class Alternating:
    """Step s draws concepts s and s + 1, question and passage in languages s and s + 1 modulo two."""

    def plan(self, step: int):
        return np.array([[step, step % 2, 2], [step + 1, step % 2, 0]], np.int32)

    def describe(self):
        return {"name": "alternating"}


def test_concepts_are_counted_where_both_texts_exist():
    data = SimpleNamespace(
        name="d",
        fingerprint="f",
        sources={"a.json": "sha"},
        train=INDEX,
        validation=INDEX.select(np.array([2])),
        test=None,
    )
    section = data_section(data)
    assert section["concepts"]["train"] == {
        "all": 4,
        "by_dataset": {"one": 2, "two": 2},
        "by_language": {"ar": 3, "de": 1, "en": 2},
    }
    assert section["concepts"]["validation"]["by_language"] == {"ar": 1, "de": 0, "en": 0}
    assert "test" not in section["concepts"]
    assert section["sources"] == {"a.json": "sha"}


def test_the_plan_is_replayed():
    assert plan_section(Alternating(), 3, INDEX) == {
        "strategy": {"name": "alternating"},
        "planned_language_pairs": {"ar-ar": 2, "ar-en": 2, "de-ar": 1, "de-en": 1},
        "pairs": 6,
        "distinct_pairs": 6,
        "distinct_concepts": 4,
        "digest": as_text(sum(digest(Alternating().plan(step), step) for step in range(3))),
    }


def test_a_pair_drawn_twice_is_one_distinct_pair():
    section = plan_section(SimpleNamespace(plan=lambda step: np.array([[1, 0, 2]], np.int32), describe=dict), 5, INDEX)
    assert (section["pairs"], section["distinct_pairs"], section["distinct_concepts"]) == (5, 1, 1)
    assert plan_section(Alternating(), 0, INDEX)["pairs"] == 0
    assert plan_section(Alternating(), 0, INDEX)["digest"] is None


def test_pair_counts_leave_out_pairs_that_never_occur():
    assert pair_counts([[0, 3], [1, 0]], ("ar", "de")) == {"ar-de": 3, "de-ar": 1}


def test_parameters_in_all_and_trainable():
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    model[0].requires_grad_(False)
    assert model_section("m", model, 1) == {"name": "m", "parameters": 11, "trainable": 3, "dimension": 1}
