import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.sampling.crosslingual import Crosslingual
from src.sampling.hybrid import Hybrid
from src.sampling.monolingual import Monolingual
from tests.sampling.indexes import make_index, parallel_index, patchy_index
from tests.sampling.laws import assert_lawful, assert_pure, plans


def kinds(rows):
    """Which batches are monolingual; every other one must be wholly cross-lingual."""
    same = rows[..., 1] == rows[..., 2]
    assert (same == same[:, :1]).all()
    monolingual = same[:, 0]
    assert (rows[monolingual, :, 1] == rows[monolingual, :1, 1]).all()
    return monolingual


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 999), languages=st.integers(2, 5), batch_size=st.integers(2, 12), alpha=st.floats(0, 1))
def test_every_batch_is_wholly_of_one_kind(seed, languages, batch_size, alpha):
    index = patchy_index(np.random.default_rng(seed), 80, languages, held=0.8)
    rows = plans(Hybrid(index, batch_size, seed, alpha), range(100))
    assert_lawful(rows, index)
    kinds(rows)


@pytest.mark.parametrize("alpha", [0.1, 0.5, 0.8])
def test_alpha_is_the_share_of_monolingual_batches(alpha):
    monolingual = kinds(plans(Hybrid(parallel_index(100, 3), 4, 2, alpha), range(3000)))
    assert abs(monolingual.mean() - alpha) < 4 * np.sqrt(alpha * (1 - alpha) / 3000)
    assert abs((monolingual[1:] & monolingual[:-1]).mean() - alpha**2) < 0.05


def test_batches_are_the_next_of_each_strategy():
    index, alpha = parallel_index(100, 3), 0.4
    hybrid, mono, cross = (kind(index, 4, 7) for kind in (Hybrid, Monolingual, Crosslingual))
    hybrid = Hybrid(index, 4, 7, alpha)
    turns = {True: 0, False: 0}
    for rows in plans(hybrid, range(200)):
        same = bool(rows[0, 1] == rows[0, 2])
        np.testing.assert_array_equal(rows, (mono if same else cross).plan(turns[same]))
        turns[same] += 1


@pytest.mark.parametrize(("alpha", "strategy"), [(1, Monolingual), (0, Crosslingual)])
def test_the_ends_are_the_strategies_themselves(alpha, strategy):
    index = patchy_index(np.random.default_rng(0), 100, 3)
    steps = range(150)
    np.testing.assert_array_equal(plans(Hybrid(index, 6, 5, alpha), steps), plans(strategy(index, 6, 5), steps))


def test_alpha_one_needs_no_parallel_data():
    languages = ["0"] * 10 + ["1"] * 10
    assert kinds(plans(Hybrid(make_index(languages, languages), 4, 0, alpha=1), range(5))).all()


def test_pure():
    index = patchy_index(np.random.default_rng(0), 90, 3)
    assert_pure(lambda: Hybrid(index, 7, 3), [0, 1, 2, 63, 64, 65, 200, 4000, 123_456])


def test_data_in_one_language_leave_alpha_as_it_is():
    """As in the paper's mix: 90 % of the concepts are English only, and cannot form a cross-lingual batch."""
    masks = ["0"] * 900 + ["012"] * 100
    index = make_index(masks, masks, dataset=[0] * 900 + [1] * 100, datasets=("english", "parallel"))
    rows = plans(Hybrid(index, 10, 1, dataset_weighting="proportional"), range(2000))
    monolingual = kinds(rows)
    assert abs(monolingual.mean() - 0.5) < 4 * np.sqrt(0.25 / 2000)
    datasets = index.dataset[rows[..., 0]]
    assert (datasets[~monolingual] == 1).all()
    assert abs((datasets[monolingual, 0] == 0).mean() - 0.9) < 0.04


def test_the_record_holds_both_kinds():
    record = Hybrid(parallel_index(100, 2), 4, 0, alpha=0.25, language_weighting={"temperature": 2}).describe()
    assert json.loads(json.dumps(record)) == record
    assert (record["strategy"], record["alpha"]) == ("hybrid", 0.25)
    assert record["monolingual"]["language_weighting"] == record["crosslingual"]["language_weighting"]
    assert record["query_share"] == pytest.approx({"en": 0.5, "ar": 0.5})


def test_the_record_leaves_out_a_kind_that_never_comes():
    assert "crosslingual" not in Hybrid(parallel_index(100, 2), 4, 0, alpha=1).describe()
