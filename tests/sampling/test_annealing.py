import numpy as np
import pytest

from src.errors import InputError
from src.sampling.annealing import CHUNK, Annealing


def values(schedule, start=0.0, end=1.0, steps=8):
    return Annealing(start, end, steps, schedule).at(np.arange(steps + 3)).tolist()


def test_a_line():
    assert values("linear", 1.0, 0.5, steps=4) == pytest.approx([1, 0.875, 0.75, 0.625, 0.5, 0.5, 0.5])


def test_a_cosine_starts_and_ends_gently():
    expected = [0, (1 - np.sqrt(0.5)) / 2, 0.5, (1 + np.sqrt(0.5)) / 2, 1, 1, 1]
    assert values("cosine", steps=4) == pytest.approx(expected)


def test_stages_are_of_equal_length():
    assert values({"steps": 2}) == [0] * 4 + [1] * 7
    assert values({"steps": 4}, 0.9, 0.0) == pytest.approx([0.9, 0.9, 0.6, 0.6, 0.3, 0.3, 0, 0, 0, 0, 0])
    for stages in (3, 7, 10, 29):
        stage = np.array(values({"steps": stages}, steps=100 * stages)[:-3]) * (stages - 1)
        np.testing.assert_allclose(stage, np.repeat(np.arange(stages), 100))


def test_the_end_value_holds_from_the_last_step_on_even_with_more_stages_than_steps():
    assert values({"steps": 50}, 0.3, 0.7, steps=2)[2:] == [0.7, 0.7, 0.7]


@pytest.mark.parametrize("schedule", ["linear", "cosine", {"steps": 3}])
def test_the_mean_is_over_the_steps_of_the_run(schedule):
    for steps in (1, 7, CHUNK, CHUNK + 5):
        curve = Annealing(0.2, 0.9, steps, schedule)
        assert curve.mean() == pytest.approx(curve.at(np.arange(steps)).mean())


def test_a_stage_begins_at_its_step_whatever_the_rounding_of_the_progress():
    assert values({"steps": 100}, steps=100)[29] == pytest.approx(29 / 99)  # 0.29 * 100 is a little less than 29


@pytest.mark.parametrize("value", [True, "1", -0.1, 1.1])
def test_a_probability_is_a_number_from_0_to_1(value):
    with pytest.raises(InputError, match=r"start must be between 0 and 1"):
        Annealing(value, 0.5, 8, "linear")
