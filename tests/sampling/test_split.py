import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from src.sampling.split import Split

SHARES = np.array([0.5, 0.3, 0.2])


@settings(max_examples=40, deadline=None)
@given(share=st.floats(0.01, 0.99), batch_size=st.integers(1, 40), seed=st.integers(0, 99), apart=st.booleans())
def test_every_deck_counts_its_rows_over_all_windows(share, batch_size, seed, apart):
    layout = Split(SHARES, SHARES[::-1] if apart else None, share, batch_size, seed, "test")
    seen = np.zeros(6, dtype=int)
    for window in range(3):
        laid = layout.read(window)
        assert laid.deck.shape == (layout.steps, batch_size)
        for deck in range(6):
            ordinals = laid.ordinal[laid.deck == deck]
            np.testing.assert_array_equal(ordinals, seen[deck] + np.arange(len(ordinals)))
            seen[deck] += len(ordinals)
    assert abs(seen[:3].sum() - share * seen.sum()) < 3.1


def test_windows_may_be_read_in_any_order():
    layouts = [Split(SHARES, SHARES, 0.3, 7, 1, "test") for _ in range(2)]
    once = {window: layouts[0].read(window) for window in (0, 1, 2, 900, 2000)}
    for window in (2000, 1, 900, 2, 0, 2000):
        np.testing.assert_array_equal(np.stack(layouts[1].read(window)), np.stack(once[window]))


def test_the_other_rows_follow_their_own_shares_or_the_batchs_language():
    apart, together = (Split(SHARES, others, 0.5, 10, 0, "test").read(0).deck for others in (SHARES[::-1], None))
    assert (apart[:, 1] != apart[:, 0] + 3).any()
    assert (np.sort(together % 3, axis=1) == together[:, :1] % 3).all()


def test_expected_shares_are_of_rows():
    np.testing.assert_allclose(Split(SHARES, None, 0.25, 8, 0, "x").shares, [*SHARES / 4, *SHARES * 0.75])
    np.testing.assert_allclose(Split(SHARES, SHARES[::-1], 0.25, 8, 0, "x").shares[3:], SHARES[::-1] * 0.75)
