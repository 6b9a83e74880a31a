import json
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.sampling.census import take_census
from src.sampling.crosslingual import Crosslingual
from src.sampling.eligible import find_pairs
from src.sampling.grouped import Grouped
from src.sampling.monolingual import Monolingual
from tests.sampling.indexes import make_index, parallel_index, patchy_index
from tests.sampling.laws import assert_fits, assert_lawful, assert_pure, plans


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 999), concepts=st.integers(20, 120), languages=st.integers(2, 5), size=st.floats(0.05, 1))
def test_every_batch_is_of_one_pair_that_goes_through_its_concepts(seed, concepts, languages, size):
    index = patchy_index(np.random.default_rng(seed), concepts, languages, held=0.9)
    pairs = find_pairs(index)
    batch_size = max(1, int(size * min(members.count for members in pairs.values())))
    plan = Grouped(index, batch_size, seed)
    rows = plans(plan, range(100))
    assert_lawful(rows, index)
    assert (rows[..., 1:] == rows[:, :1, 1:]).all()
    assert (rows[..., 1] != rows[..., 2]).all()
    assert not any(plan.replaced(step) for step in range(100))
    dealt = defaultdict(list)
    for batch in rows:
        dealt[int(batch[0, 1]), int(batch[0, 2])] += batch[:, 0].tolist()
    for pair, seen in dealt.items():
        epoch = pairs[pair].count // batch_size * batch_size
        for start in range(0, len(seen), epoch):
            assert len(set(seen[start : start + epoch])) == len(seen[start : start + epoch])


def test_pure():
    index = patchy_index(np.random.default_rng(0), 90, 3)
    assert_pure(lambda: Grouped(index, 7, 3, alpha=0.3), [0, 1, 2, 63, 64, 65, 200, 4000, 123_456])


@pytest.mark.parametrize("weighting", ["uniform", "proportional", {"temperature": 3}])
def test_pairs_are_drawn_by_the_weights_of_their_languages(weighting):
    index = patchy_index(np.random.default_rng(3), 400, 4, held=0.6)
    plan = Grouped(index, 20, 1, language_weighting=weighting)
    expected = plan.expected()
    assert expected.sum() == pytest.approx(1)
    assert_fits(take_census(plan, range(1500)).pairs.ravel() / 20, expected.ravel())
    mixed = Crosslingual(index, 20, 1, language_weighting=weighting).expected()
    np.testing.assert_allclose(expected.sum(axis=1), mixed.sum(axis=1))


@pytest.mark.parametrize("weighting", ["uniform", "proportional"])
def test_in_parallel_data_pairs_are_those_of_crosslingual(weighting):
    index = parallel_index(200, 4)
    np.testing.assert_allclose(
        Grouped(index, 20, 1, language_weighting=weighting).expected(),
        Crosslingual(index, 20, 1, language_weighting=weighting).expected(),
    )


def test_passages_are_weighed_by_what_is_answered_in_their_language_not_by_what_is_asked_in_it():
    index = make_index(["012"] * 100, ["1"] * 60 + ["2"] * 40)  # asked in ar 40 times, answered 60 times
    shares = Grouped(index, 8, 0, language_weighting="proportional").expected()[0]
    np.testing.assert_allclose(shares / shares.sum(), [0, 0.6, 0.4])


def test_pairs_without_a_concept_never_come():
    masks = ["01"] * 40 + ["12"] * 40
    plan = Grouped(make_index(masks, masks), 8, 0)
    assert set(take_census(plan, range(200)).by_pair()) == {"en-ar", "ar-en", "ar-de", "de-ar"}
    assert plan.expected()[0, 2] == plan.expected()[2, 0] == 0


def test_datasets_count_for_themselves():
    masks = ["01"] * 40 + ["02"] * 60 + ["0"] * 50
    index = make_index(masks, masks, dataset=[0] * 40 + [1] * 60 + [2] * 50, datasets=("a", "b", "english"))
    plan = Grouped(index, 8, 0, language_weighting="proportional", dataset_weighting="proportional")
    assert plan.describe()["language_pairs"]["dataset_share"] == pytest.approx({"a": 0.4, "b": 0.6})
    rows = plans(plan, range(200))
    assert_lawful(rows, index)
    assert ((rows[..., 0] < 40) == (rows[..., 1:].max(axis=-1) == 1)).all()


def test_alpha_is_the_share_of_monolingual_batches():
    index, grouped = parallel_index(100, 3), Grouped(parallel_index(100, 3), 4, 2, alpha=0.3)
    rows = plans(grouped, range(2000))
    monolingual = (rows[..., 1] == rows[..., 2]).all(axis=1)
    assert abs(monolingual.mean() - 0.3) < 4 * np.sqrt(0.21 / 2000)
    assert (rows[~monolingual, :, 1] != rows[~monolingual, :, 2]).all()
    first = rows[monolingual][:5]
    np.testing.assert_array_equal(first, plans(Monolingual(index, 4, 2), range(5)))


def test_the_record_is_by_pair():
    record = Grouped(parallel_index(100, 2), 4, 0).describe()
    assert json.loads(json.dumps(record)) == record
    assert (record["strategy"], record["alpha"]) == ("grouped", 0.0)
    assert record["language_pairs"]["concepts"] == {"en-ar": 100, "ar-en": 100}
    assert record["language_pairs"]["steps_per_epoch"] == pytest.approx({"en-ar": 50, "ar-en": 50})
    assert "monolingual" not in record
