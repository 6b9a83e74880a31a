import numpy as np
import pytest

from src.sampling.layout import Runs
from tests.sampling.laws import assert_fits

SHARES = np.array([0.5, 0.0, 0.3, 0.2])


@pytest.mark.parametrize("run", [1, 6])
def test_every_deck_counts_its_rows_over_all_windows(run):
    layout, seen = Runs(SHARES, 6, run, 0, "test"), np.zeros(4, dtype=int)
    for window in range(6):
        laid = layout.read(window)
        assert laid.deck.shape == laid.ordinal.shape == (layout.steps, 6)
        assert (laid.deck.reshape(-1, run) == laid.deck.reshape(-1, run)[:, :1]).all()
        for deck in range(4):
            ordinals = laid.ordinal[laid.deck == deck]
            np.testing.assert_array_equal(ordinals, seen[deck] + np.arange(len(ordinals)))
            seen[deck] += len(ordinals)
    assert_fits(seen / run, SHARES)
