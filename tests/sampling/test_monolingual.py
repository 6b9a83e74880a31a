import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from src.sampling.monolingual import Monolingual
from tests.sampling.indexes import parallel_index, patchy_index, usable
from tests.sampling.laws import assert_epochs, assert_lawful, assert_pure, plans


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 999), concepts=st.integers(10, 120), languages=st.integers(1, 6), share=st.floats(0.05, 1))
def test_laws(seed, concepts, languages, share):
    index = patchy_index(np.random.default_rng(seed), concepts, languages, held=0.9)
    smallest = min(len(usable(index, language, crosslingual=False)) for language in range(languages))
    batch_size = max(1, int(share * smallest))
    plan = Monolingual(index, batch_size, seed)
    rows = plans(plan, range(100))
    assert_lawful(rows, index)
    assert (rows[..., 1:] == rows[:, :1, 1:]).all()
    assert (rows[..., 1] == rows[..., 2]).all()
    assert_epochs(rows, index, crosslingual=False, drop_tail=True)
    assert not any(plan.replaced(step) for step in range(100))


def test_pure():
    index = patchy_index(np.random.default_rng(0), 90, 3)
    assert_pure(lambda: Monolingual(index, 7, 3), [0, 1, 2, 63, 64, 65, 200, 4000, 123_456])


def test_an_epoch_holds_every_concept_when_the_batch_divides_them():
    rows = plans(Monolingual(parallel_index(40, 1), 8, 0), range(10))
    for epoch in (rows[:5], rows[5:]):
        assert sorted(epoch[..., 0].ravel().tolist()) == list(range(40))
    assert (rows[:5, :, 0] != rows[5:, :, 0]).any()


def test_the_tail_that_an_epoch_drops_changes():
    rows = plans(Monolingual(parallel_index(43, 1), 8, 0), range(50))
    dropped = [frozenset(range(43)) - set(rows[5 * e : 5 * e + 5, :, 0].ravel().tolist()) for e in range(10)]
    assert all(len(each) == 3 for each in dropped)
    assert len(set(dropped)) == 10
