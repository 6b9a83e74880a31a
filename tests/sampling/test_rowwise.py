import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.sampling.census import take_census
from src.sampling.rowwise import Rowwise
from tests.sampling.indexes import make_index, parallel_index, patchy_index, usable
from tests.sampling.laws import assert_epochs, assert_fits, assert_lawful, assert_pure, plans


def monolingual(rows):
    """Which rows are monolingual; those of a batch share a language."""
    same = rows[..., 1] == rows[..., 2]
    for batch, here in zip(rows, same, strict=True):
        assert len(set(batch[here, 1].tolist())) <= 1
    return same


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 999),
    concepts=st.integers(20, 120),
    languages=st.integers(2, 5),
    size=st.floats(0.05, 1),
    alpha=st.floats(0.01, 0.99),
)
def test_laws(seed, concepts, languages, size, alpha):
    index = patchy_index(np.random.default_rng(seed), concepts, languages, held=0.9)
    kinds = [len(usable(index, each, crosslingual=kind)) for each in range(languages) for kind in (False, True)]
    batch_size = max(1, int(size * min(kinds)))
    plan = Rowwise(index, batch_size, seed, alpha)
    rows = plans(plan, range(100))
    assert_lawful(rows, index)
    counts = monolingual(rows).sum(axis=1)
    assert set(counts.tolist()) <= {int(np.floor(alpha * batch_size)), int(np.ceil(alpha * batch_size))}
    if 2 * batch_size <= min(kinds):
        assert not any(plan.replaced(step) for step in range(100))


@pytest.mark.parametrize(("alpha", "batch_size"), [(0.5, 8), (0.25, 10), (0.3, 7), (1 / 3, 5), (0.05, 4), (0.9, 3)])
def test_a_languages_batches_hold_the_share_to_a_row(alpha, batch_size):
    rows = plans(Rowwise(parallel_index(200, 3), batch_size, 1, alpha), range(500))
    counts = monolingual(rows).sum(axis=1)
    if (alpha * batch_size).is_integer():
        assert (counts == alpha * batch_size).all()
    assert abs(counts.sum() - alpha * batch_size * 500) < 3


def test_every_slice_holds_the_share_to_a_row():
    rows = plans(Rowwise(parallel_index(200, 3), 32, 1, 0.3), range(100))
    same = monolingual(rows)
    for devices in (2, 4, 8):
        share = same.reshape(100, devices, -1).sum(axis=2) - same.sum(axis=1, keepdims=True) / devices
        assert np.abs(share).max() < 1


@pytest.mark.parametrize("alpha", [0.5, 0.3])
def test_each_part_goes_through_its_epochs(alpha):
    index = patchy_index(np.random.default_rng(4), 150, 3)
    rows = plans(Rowwise(index, 10, 2, alpha), range(400))
    same = monolingual(rows)
    for crosslingual, part in ((False, same), (True, ~same)):
        assert_epochs(rows[part][:, None], index, crosslingual=crosslingual, drop_tail=False)


def test_a_language_goes_through_all_its_concepts_in_both_parts():
    rows = plans(Rowwise(parallel_index(30, 2), 8, 1, 0.3), range(200)).reshape(-1, 3)
    for language in range(2):
        for part in (rows[:, 1] == rows[:, 2], rows[:, 1] != rows[:, 2]):
            epoch = rows[part & (rows[:, 1] == language)][:30, 0]
            assert sorted(epoch.tolist()) == list(range(30))


@pytest.mark.parametrize("alpha", [0.5, 0.3])
def test_pure(alpha):
    index = patchy_index(np.random.default_rng(0), 90, 3)
    assert_pure(lambda: Rowwise(index, 7, 3, alpha), [0, 1, 2, 63, 64, 65, 200, 4000, 123_456])


@pytest.mark.parametrize("weighting", ["uniform", "proportional", {"temperature": 3}])
def test_language_pairs_are_drawn_as_expected(weighting):
    index = make_index(["012"] * 100 + ["01"] * 150 + ["02"] * 40, ["012"] * 100 + ["0"] * 150 + ["2"] * 40)
    plan = Rowwise(index, 20, 1, 0.4, language_weighting=weighting)
    expected, pairs = plan.expected(), take_census(plan, range(800)).pairs
    assert expected.sum() == pytest.approx(1)
    assert expected.trace() == pytest.approx(0.4)
    assert pairs.trace() == 0.4 * pairs.sum()
    assert_fits(pairs.diagonal() / 8, expected.diagonal() / 0.4)  # draws: one for the 8 rows of a batch
    crossing = ~np.eye(3, dtype=bool)
    assert_fits(pairs[crossing], expected[crossing] / 0.6)


def test_the_record():
    index = patchy_index(np.random.default_rng(0), 200, 2)
    record = Rowwise(index, 10, 0, 0.25, {"temperature": 2}).describe()
    assert json.loads(json.dumps(record)) == record
    assert (record["strategy"], record["alpha"]) == ("rowwise", 0.25)
    assert record["concepts"] == {
        f"{code} {kind}": len(usable(index, language, crosslingual=kind == "crosslingual"))
        for kind in ("monolingual", "crosslingual")
        for language, code in enumerate(("en", "ar"))
    }
    rows = {name: record["concepts"][name] / steps for name, steps in record["steps_per_epoch"].items()}
    assert rows["en monolingual"] + rows["ar monolingual"] == pytest.approx(2.5)
    assert sum(rows.values()) == pytest.approx(10)
