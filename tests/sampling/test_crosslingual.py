import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.sampling.census import take_census
from src.sampling.crosslingual import Crosslingual
from tests.sampling.indexes import make_index, parallel_index, patchy_index, usable
from tests.sampling.laws import assert_epochs, assert_fits, assert_lawful, assert_pure, plans


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 999), concepts=st.integers(10, 120), languages=st.integers(2, 6), share=st.floats(0.05, 1))
def test_laws(seed, concepts, languages, share):
    index = patchy_index(np.random.default_rng(seed), concepts, languages, held=0.8)
    smallest = min(len(usable(index, language, crosslingual=True)) for language in range(languages))
    batch_size = max(1, int(share * smallest))
    plan = Crosslingual(index, batch_size, seed)
    rows = plans(plan, range(100))
    assert_lawful(rows, index)
    assert (rows[..., 1] != rows[..., 2]).all()
    if 2 * batch_size <= smallest:
        assert not any(plan.replaced(step) for step in range(100))
        assert_epochs(rows, index, crosslingual=True, drop_tail=False)


def test_pure():
    index = patchy_index(np.random.default_rng(0), 90, 3)
    assert_pure(lambda: Crosslingual(index, 7, 3), [0, 1, 2, 63, 64, 65, 200, 4000, 123_456])


def test_a_concept_in_one_language_never_enters():
    alone, parallel = ["0"] * 50 + ["2"] * 50, ["012"] * 40
    index = make_index(alone + parallel, alone + parallel)
    rows = plans(Crosslingual(index, 8, 0), range(100))
    assert rows[..., 0].min() >= 100


@pytest.mark.parametrize("weighting", ["uniform", "proportional", {"temperature": 3}])
def test_language_pairs_are_drawn_as_expected(weighting):
    index = patchy_index(np.random.default_rng(3), 400, 4, held=0.6)
    plan = Crosslingual(index, 20, 1, language_weighting=weighting)
    expected = plan.expected()
    assert expected.sum() == pytest.approx(1)
    assert not expected.diagonal().any()
    assert_fits(take_census(plan, range(400)).pairs.ravel(), expected.ravel())


def test_in_parallel_data_all_pairs_are_equally_likely():
    plan = Crosslingual(parallel_index(200, 3), 20, 1)
    np.testing.assert_allclose(plan.expected(), (1 - np.eye(3)) / 6)


def test_passage_languages_are_weighted_by_passages():
    """Two question languages of equal size; 300 passages in de, 100 in ja, never in the questions' languages."""
    index = make_index(["01"] * 400, ["2"] * 100 + ["23"] * 100 + ["2"] * 200)
    plan = Crosslingual(index, 20, 0, language_weighting="proportional")
    pairs = plan.expected()
    np.testing.assert_allclose(pairs[:2].sum(axis=1), [0.5, 0.5])
    assert pairs[0, 3] / pairs[0].sum() == pytest.approx(0.25 * 100 / 500)
    assert_fits(take_census(plan, range(300)).pairs.ravel(), pairs.ravel())


def test_passage_languages_are_drawn_anew_at_every_step():
    rows = plans(Crosslingual(parallel_index(500, 3), 20, 0), range(400))
    first_of_two = rows[..., 2] == np.where(rows[..., 1] == 0, 1, 0)
    agreement = [(first_of_two[lag:] == first_of_two[:-lag]).mean() for lag in range(1, 300)]
    assert max(agreement) < 0.6


def test_a_language_that_a_dataset_lacks_has_no_share_of_it():
    masks = ["01"] * 40 + ["02"] * 40
    index = make_index(masks, masks, dataset=[0] * 40 + [1] * 40, datasets=("a", "b"))
    expected = Crosslingual(index, 8, 0, dataset_weighting="uniform").expected()
    np.testing.assert_allclose(expected, [[0, 0.25, 0.25], [0.25, 0, 0], [0.25, 0, 0]])
