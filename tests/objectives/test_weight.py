import pytest

from src.errors import InputError
from src.objectives.weight import Weight


def test_a_number_holds_throughout():
    weight = Weight.read(0.3, "terms.x.weight")
    assert [weight.at(progress) for progress in (0.0, 0.5, 0.999)] == [0.3] * 3


def test_stairs_change_at_their_shares_in_any_order():
    weight = Weight.read({0.5: 2, 0: 0, 0.2: 1}, "terms.x.weight")
    assert [weight.at(progress) for progress in (0, 0.19, 0.2, 0.49, 0.5, 0.99)] == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("setting", [None, "much", True, -1, float("nan"), {}, {0.2: 1}, {0: 1, 1: 0}, {0: -1}, [1]])
def test_what_is_no_weight_is_refused_by_its_key(setting):
    with pytest.raises(InputError, match=r"terms\.x\.weight"):
        Weight.read(setting, "terms.x.weight")
