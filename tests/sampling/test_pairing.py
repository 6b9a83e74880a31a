import numpy as np

from src.sampling.pairing import draw, other_language_weights
from src.sampling.streams import uniform
from tests.sampling.laws import assert_fits


def test_weights_are_of_languages_that_hold_the_passage_but_not_the_questions_own():
    held = np.array([0b111, 0b110, 0b011], dtype=np.uint8)
    weights = other_language_weights(held, np.array([0, 0, 1]), np.array([0.5, 0.3, 0.2]))
    np.testing.assert_allclose(weights, [[0, 0.3, 0.2], [0, 0.3, 0.2], [0.5, 0, 0]])


def test_draws_follow_the_weights_of_their_row():
    weights = np.tile([0.0, 3.0, 0.0, 1.0], (20_000, 1))
    assert_fits(np.bincount(draw(weights, uniform(1, np.arange(20_000))), minlength=4), [0, 0.75, 0, 0.25])


def test_the_ends_of_the_interval_draw_possible_languages():
    weights = np.array([[0.0, 1e-130, 0.0], [0.0, 0.0, 0.7], [0.1, 0.2, 0.0]])
    assert draw(weights, np.zeros(3)).tolist() == [1, 2, 0]
    assert draw(weights, np.full(3, 1 - 2.0**-32)).tolist() == [1, 2, 1]


def test_64_languages():
    held = np.array([1 << 63 | 1], dtype=np.uint64)
    weights = other_language_weights(held, np.array([0]), np.ones(64))
    assert np.flatnonzero(weights).tolist() == [63]
