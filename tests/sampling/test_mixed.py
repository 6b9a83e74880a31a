import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from src.sampling.mixed import Mixed
from tests.sampling.indexes import parallel_index, patchy_index, usable
from tests.sampling.laws import assert_epochs, assert_fits, assert_lawful, assert_pure, plans


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 999), concepts=st.integers(10, 120), languages=st.integers(1, 6), share=st.floats(0.05, 1))
def test_laws(seed, concepts, languages, share):
    index = patchy_index(np.random.default_rng(seed), concepts, languages, held=0.9)
    smallest = min(len(usable(index, language, crosslingual=False)) for language in range(languages))
    batch_size = max(1, int(share * smallest))
    plan = Mixed(index, batch_size, seed)
    rows = plans(plan, range(100))
    assert_lawful(rows, index)
    assert (rows[..., 1] == rows[..., 2]).all()
    if 2 * batch_size <= smallest:
        assert not any(plan.replaced(step) for step in range(100))
        assert_epochs(rows, index, crosslingual=False, drop_tail=False)


def test_pure():
    index = patchy_index(np.random.default_rng(0), 90, 3)
    assert_pure(lambda: Mixed(index, 7, 3), [0, 1, 2, 63, 64, 65, 200, 4000, 123_456])


def test_the_languages_of_a_batch_are_independent_draws():
    rows = plans(Mixed(parallel_index(300, 2), 4, 0), range(4000))
    of_first_language = (rows[..., 1] == 0).sum(axis=1)
    assert_fits(np.bincount(of_first_language, minlength=5), np.array([1, 4, 6, 4, 1]) / 16)


def test_a_language_goes_through_all_its_concepts():
    rows = plans(Mixed(parallel_index(30, 3), 6, 1), range(120)).reshape(-1, 3)
    for language in range(3):
        epoch = rows[rows[:, 1] == language][:30, 0]
        assert sorted(epoch.tolist()) == list(range(30))
