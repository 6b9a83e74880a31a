import json
import pickle
import time

import numpy as np
import pytest

from src.sampling.annealed import Annealed
from src.sampling.census import take_census
from src.sampling.crosslingual import Crosslingual
from src.sampling.monolingual import Monolingual
from tests.sampling.indexes import make_index, parallel_index, patchy_index
from tests.sampling.laws import assert_lawful, assert_pure, plans

STEPS = 4000
SCHEDULES = ["linear", "cosine", {"steps": 2}, {"steps": 5}]


def curve(schedule, progress):
    """The way gone at some progress, from the formulae."""
    if schedule == "linear":
        return progress
    if schedule == "cosine":
        return (1 - np.cos(np.pi * progress)) / 2
    n = schedule["steps"]
    return np.floor(progress * n) / (n - 1)


def kinds(rows):
    """Which batches are monolingual; every other one must be wholly cross-lingual."""
    same = rows[..., 1] == rows[..., 2]
    assert (same == same[:, :1]).all()
    return same[:, 0]


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize(("start", "end"), [(1.0, 0.0), (0.1, 0.8)])
def test_the_share_of_monolingual_batches_follows_the_curve(schedule, start, end):
    plan = Annealed(parallel_index(60, 3), 2, 5, STEPS, start, end, schedule)
    monolingual = kinds(plans(plan, range(STEPS)))
    alpha = start + (end - start) * curve(schedule, np.arange(STEPS) / STEPS)
    for part in np.split(np.arange(STEPS), 20):
        deviation = np.sqrt((alpha[part] * (1 - alpha[part])).sum())
        assert abs(monolingual[part].sum() - alpha[part].sum()) <= 4 * deviation
    assert plan.describe()["mean_alpha"] == pytest.approx(alpha.mean())


@pytest.mark.parametrize(("start", "end"), [(1.0, 0.0), (0.0, 1.0), (1.0, 0.25)])
def test_the_end_value_holds_beyond_the_run(start, end):
    monolingual = kinds(plans(Annealed(parallel_index(60, 2), 2, 1, 50, start, end), range(50, 1050)))
    assert abs(monolingual.mean() - end) <= 4 * np.sqrt(end * (1 - end) / 1000)


def test_batches_are_the_next_of_each_strategy():
    index = patchy_index(np.random.default_rng(0), 100, 3)
    plan, mono, cross = Annealed(index, 4, 7, 3000, 0.2, 0.9), Monolingual(index, 4, 7), Crosslingual(index, 4, 7)
    rows, turns = plans(plan, range(2200)), {True: 0, False: 0}
    assert_lawful(rows, index)
    for batch in rows:
        same = bool(batch[0, 1] == batch[0, 2])
        np.testing.assert_array_equal(batch, (mono if same else cross).plan(turns[same]))
        turns[same] += 1


@pytest.mark.parametrize("schedule", ["cosine", {"steps": 3}])
def test_pure(schedule):
    index = patchy_index(np.random.default_rng(0), 90, 3)
    steps = [0, 1, 2, 63, 64, 1023, 1024, 4000, 65_535, 65_536, 123_456]
    assert_pure(lambda: Annealed(index, 7, 3, 100_000, schedule=schedule), steps)


def test_any_step_is_answered_at_once_and_the_same_in_another_process():
    plan = Annealed(parallel_index(100, 3), 8, 5, 1_000_000)
    start = time.perf_counter()
    far = plan.plan(999_999)
    assert time.perf_counter() - start < 3
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(plan)).plan(999_999), far)
    start = time.perf_counter()
    for step in range(900_000, 900_200):
        plan.plan(step)
    assert time.perf_counter() - start < 3


def test_expected_shares_are_those_of_the_whole_run():
    plan = Annealed(parallel_index(100, 3), 4, 0, STEPS, 0.9, 0.3, "cosine")
    planned = take_census(plan, range(STEPS)).pairs / (4 * STEPS)
    np.testing.assert_allclose(planned, plan.expected(), atol=0.02)
    assert plan.expected().trace() == pytest.approx(plan.describe()["mean_alpha"])


def test_datasets_and_languages_are_weighted_as_in_its_parts():
    masks = ["0"] * 90 + ["012"] * 60
    index = make_index(masks, masks, dataset=[0] * 90 + [1] * 60, datasets=("english", "parallel"))
    plan = Annealed(index, 8, 1, 100, language_weighting={"temperature": 2}, dataset_weighting="proportional")
    record = plan.describe()
    assert json.loads(json.dumps(record)) == record
    assert (record["strategy"], record["schedule"], record["steps"]) == ("annealed", "linear", 100)
    for part, kind in (("monolingual", Monolingual), ("crosslingual", Crosslingual)):
        assert record[part] == kind(index, 8, 1, {"temperature": 2}, "proportional").describe()
