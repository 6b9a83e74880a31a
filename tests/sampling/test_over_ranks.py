"""The rule of each strategy holds over the global batch at any number of ranks: their shares, joined, are the plan."""

import numpy as np
import pytest

from src.data.datamodule import Share
from tests.sampling.test_settings import NAMES, build

STEPS = range(24)


def joined(plan, step, world):
    """The rows of all ranks, each from a strategy of its own, as each process has."""
    shares = [Share(8, 1, world, rank) for rank in range(world)]
    return np.concatenate([plans.plan(step)[share.of(plans.plan(step), 0)] for plans, share in zip(plan, shares)])  # noqa: B905


def kinds(rows):
    """Languages of questions, of passages, and the share of rows in one language."""
    return len(np.unique(rows[:, 1])), len(np.unique(rows[:, 2])), float((rows[:, 1] == rows[:, 2]).mean())


def is_monolingual(rows):
    return kinds(rows) == (1, 1, 1)


def is_crosslingual(rows):
    return kinds(rows)[2] == 0


RULES = {
    "monolingual": is_monolingual,
    "crosslingual": is_crosslingual,
    "hybrid": lambda rows: is_monolingual(rows) or is_crosslingual(rows),
    "annealed": lambda rows: is_monolingual(rows) or is_crosslingual(rows),
    "mixed": lambda rows: kinds(rows)[2] == 1,
    "grouped": lambda rows: kinds(rows) == (1, 1, 0),
    "rowwise": lambda rows: kinds(rows)[2] == 0.5 and len(np.unique(rows[rows[:, 1] == rows[:, 2], 1])) == 1,
    "balanced_negatives": lambda rows: kinds(rows)[0] == 1 and kinds(rows)[2] == 0.5,
}


@pytest.mark.parametrize("world", [1, 2, 4, 8])
@pytest.mark.parametrize("name", NAMES)
def test_the_rule_holds_over_the_global_batch(name, world):
    settings = {"steps": 24} if name == "annealed" else {}
    plans = [build(name, **settings) for _ in range(world)]
    whole = build(name, **settings)
    batches = [joined(plans, step, world) for step in STEPS]
    for step, rows in zip(STEPS, batches, strict=True):
        np.testing.assert_array_equal(rows, whole.plan(step))
        assert RULES[name](rows), (step, rows)
    if name in ("hybrid", "annealed"):
        assert {is_monolingual(rows) for rows in batches} == {True, False}
    if name in ("mixed", "crosslingual"):
        assert max(kinds(rows)[0] for rows in batches) == 3
    assert whole.describe()["holds"]


@pytest.mark.parametrize(
    ("name", "settings", "told"),
    [
        ("hybrid", {"alpha": 1}, "one language for all questions and passages"),
        ("hybrid", {"alpha": 0.25}, "one language for all questions and passages (25% of the batches); question"),
        ("rowwise", {"alpha": 0.25}, "25% of the rows in one language, the others each in two"),
        ("balanced_negatives", {}, "one question language, 50% of the passages in it"),
        ("grouped", {}, "one language for all questions, another for all passages"),
    ],
)
def test_the_record_says_what_a_batch_holds(name, settings, told):
    assert build(name, **settings).describe()["holds"].startswith(told)
