import math
from types import MappingProxyType

import numpy as np
import pytest

from src.errors import InputError
from src.sampling.weighting import Weighting

SIZES = [900, 100, 0, 9000]


def shares(setting):
    return Weighting.parse(setting, "sampler.language_weighting").shares(SIZES)


def test_uniform_gives_equal_shares_to_all_but_the_empty():
    np.testing.assert_allclose(shares("uniform"), [1 / 3, 1 / 3, 0, 1 / 3])


def test_proportional_follows_size():
    np.testing.assert_allclose(shares("proportional"), [0.09, 0.01, 0, 0.9])


def test_temperature_two_takes_square_roots():
    np.testing.assert_allclose(
        shares({"temperature": 2}), np.sqrt([0.09, 0.01, 0, 0.9]) / np.sqrt([0.09, 0.01, 0.9]).sum()
    )


def test_temperature_lies_between_proportional_and_uniform():
    np.testing.assert_allclose(shares({"temperature": 1}), shares("proportional"))
    np.testing.assert_allclose(shares({"temperature": math.inf}), shares("uniform"))
    np.testing.assert_allclose(shares({"temperature": 1e6}), shares("uniform"), atol=1e-5)


def test_no_temperature_leaves_out_what_has_a_size():
    extreme = shares({"temperature": 1e-3})
    assert extreme[1] > 0
    assert extreme[2] == 0
    assert extreme[3] == pytest.approx(1)


@pytest.mark.parametrize("setting", ["unifrom", "", 3, None, {}, {"temperatur": 2}, {"temperature": 2, "t": 1}])
def test_unknown_settings_are_refused(setting):
    with pytest.raises(InputError, match="unknown weighting") as error:
        shares(setting)
    assert error.value.where == "sampler.language_weighting"
    assert "proportional" in error.value.fix


@pytest.mark.parametrize("temperature", [0, -1, math.nan, "2", True, None])
def test_impossible_temperatures_are_refused(temperature):
    with pytest.raises(InputError, match="positive number") as error:
        shares({"temperature": temperature})
    assert error.value.where == "sampler.language_weighting"


def test_the_setting_is_kept_as_plain_values_for_the_record():
    assert Weighting.parse("uniform", "x").setting == "uniform"
    kept = Weighting.parse(MappingProxyType({"temperature": 3}), "x").setting
    assert (type(kept), kept) == (dict, {"temperature": 3.0})
