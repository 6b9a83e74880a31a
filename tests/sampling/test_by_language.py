import json
import pickle

import numpy as np
import pytest

from src.sampling.crosslingual import Crosslingual
from src.sampling.mixed import Mixed
from src.sampling.monolingual import Monolingual
from tests.sampling.indexes import make_index, parallel_index, patchy_index
from tests.sampling.laws import assert_fits, assert_lawful, assert_pure, plans

STRATEGIES = [Monolingual, Mixed, Crosslingual]


def unequal_index():
    """Three languages with 800, 200 and 50 concepts."""
    languages = ["012"] * 50 + ["01"] * 150 + ["0"] * 600
    return make_index(languages, languages)


def language_counts(strategy, steps=600):
    rows = plans(strategy, range(steps))
    per_batch = isinstance(strategy, Monolingual)
    return np.bincount((rows[:, 0] if per_batch else rows.reshape(-1, 3))[:, 1], minlength=3)


@pytest.mark.parametrize("strategy", [Monolingual, Mixed])
@pytest.mark.parametrize(
    ("weighting", "shares"),
    [
        ("uniform", [1 / 3, 1 / 3, 1 / 3]),
        ("proportional", [800 / 1050, 200 / 1050, 50 / 1050]),
        ({"temperature": 2}, np.sqrt([800, 200, 50]) / np.sqrt([800, 200, 50]).sum()),
    ],
)
def test_languages_are_drawn_by_weight(strategy, weighting, shares):
    plan = strategy(unequal_index(), 10, 3, language_weighting=weighting)
    assert_fits(language_counts(plan), shares)
    np.testing.assert_allclose(list(plan.describe()["query_share"].values()), shares)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_another_seed_is_another_plan(strategy):
    index = parallel_index(200, 3)
    one, two = (plans(strategy(index, 10, seed, "uniform"), range(20)) for seed in (1, 2))
    assert (one[..., 0] == two[..., 0]).mean() < 0.1
    assert (one[..., 1] != two[..., 1]).any()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_another_seed_is_another_order_of_each_languages_concepts(strategy):
    index = parallel_index(200, 2)
    one, two = (plans(strategy(index, 10, seed), range(40)).reshape(-1, 3) for seed in (1, 2))
    for language in (0, 1):
        orders = [rows[rows[:, 1] == language][:50, 0] for rows in (one, two)]
        assert (orders[0] == orders[1]).mean() < 0.2


def test_strategies_share_no_order():
    index = parallel_index(200, 3)
    mono, mixed = (strategy(index, 10, 1).plan(0)[:, 0] for strategy in (Monolingual, Mixed))
    assert (mono == mixed).mean() < 0.5


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_any_step_at_once_and_the_same_in_another_process(strategy):
    plan = strategy(patchy_index(np.random.default_rng(0), 300, 4), 8, 5)
    far = plan.plan(5_000_000)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(plan)).plan(5_000_000), far)


def test_the_caller_may_write_into_the_rows():
    plan = Mixed(parallel_index(100, 2), 8, 0)
    first = plan.plan(3)
    first[:] = -1
    assert plan.plan(3).min() >= 0


# datasets


def three_datasets(rng):
    """An English-only set of 600 concepts between two parallel ones of 300 and 100."""
    everywhere, english = [0b111] * 400, [0b001] * 600
    masks = everywhere[:300] + english + everywhere[300:]
    dataset = np.repeat([0, 1, 2], [300, 600, 100])
    shuffled = rng.permutation(1000)
    masks = np.array(masks)[shuffled].tolist()
    return make_index(masks, masks, dataset=dataset[shuffled], datasets=("big", "english", "small"))


@pytest.mark.parametrize(
    ("strategy", "weighting", "shares"),
    [
        (Monolingual, "proportional", [0.3, 0.6, 0.1]),
        (Mixed, "uniform", [1 / 3, 1 / 3, 1 / 3]),
        (Crosslingual, "proportional", [0.75, 0, 0.25]),
        (Crosslingual, {"temperature": 2}, [3**0.5 / (1 + 3**0.5), 0, 1 / (1 + 3**0.5)]),
    ],
)
def test_a_batch_is_of_one_dataset_drawn_by_size(strategy, weighting, shares):
    index = three_datasets(np.random.default_rng(0))
    plan = strategy(index, 10, 1, dataset_weighting=weighting)
    rows = plans(plan, range(800))
    assert_lawful(rows, index)
    datasets = index.dataset[rows[..., 0]]
    assert (datasets == datasets[:, :1]).all()
    assert_fits(np.bincount(datasets[:, 0], minlength=3), shares)
    described = plan.describe()["dataset_share"]
    assert described == pytest.approx({n: s for n, s in zip(index.datasets, shares, strict=True) if s})


def test_languages_are_weighted_within_the_dataset():
    index = three_datasets(np.random.default_rng(0))
    plan = Monolingual(index, 10, 1, dataset_weighting="uniform")
    rows = plans(plan, range(600))[:, 0]
    parallel = rows[index.dataset[rows[:, 0]] != 1]
    assert_fits(np.bincount(parallel[:, 1], minlength=3), np.full(3, 1 / 3))
    assert plan.describe()["query_share"] == pytest.approx({"en": 5 / 9, "ar": 2 / 9, "de": 2 / 9})


def test_without_dataset_weighting_batches_mix_datasets():
    index = three_datasets(np.random.default_rng(0))
    rows = plans(Mixed(index, 20, 1), range(20))
    datasets = index.dataset[rows[..., 0]]
    assert (datasets != datasets[:, :1]).any(axis=1).mean() > 0.9


def test_within_an_epoch_of_a_dataset_nothing_repeats():
    index = three_datasets(np.random.default_rng(0))
    rows = plans(Crosslingual(index, 10, 1, dataset_weighting="proportional"), range(400)).reshape(-1, 3)
    for dataset, size in ((0, 300), (2, 100)):
        for language in range(3):
            concepts = rows[(index.dataset[rows[:, 0]] == dataset) & (rows[:, 1] == language)][:, 0]
            for start in range(0, len(concepts), size):
                run = concepts[start : start + size].tolist()
                assert len(set(run)) == len(run)


def test_datasets_are_pure_too():
    index = three_datasets(np.random.default_rng(0))
    assert_pure(lambda: Crosslingual(index, 10, 4, dataset_weighting="uniform"), [0, 1, 50, 400, 3000])


# the record


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("dataset_weighting", [None, {"temperature": 2}])
def test_the_record_is_plain_and_complete(strategy, dataset_weighting):
    index = three_datasets(np.random.default_rng(0))
    record = strategy(index, 10, 0, {"temperature": 3}, dataset_weighting).describe()
    assert json.loads(json.dumps(record)) == record
    assert record["strategy"] == strategy.rule.name
    assert record["language_weighting"] == {"temperature": 3.0}
    assert record["dataset_weighting"] == dataset_weighting
    assert record["replaced"]["rows"] == 0
    assert sum(record["passage_share"].values()) == pytest.approx(1)
    crosslingual = strategy is Crosslingual
    assert record["concepts"] == {"en": 400 if crosslingual else 1000, "ar": 400, "de": 400}


def test_steps_per_epoch_is_how_long_a_language_lasts():
    record = Monolingual(unequal_index(), 10, 0).describe()
    assert record["steps_per_epoch"] == pytest.approx({"en": 240, "ar": 60, "de": 15})


def test_stand_ins_are_counted():
    record = Mixed(parallel_index(12, 3), 12, 0).describe()["replaced"]
    assert 0 < record["rows"] < 12 * record["steps"]
