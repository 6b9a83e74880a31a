import pytest
import torch

from src.encoder.device import choose_device
from src.errors import InputError


def test_by_name_or_the_best_there_is():
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("name", ["foo", "cuda:99", 5])
def test_a_device_that_cannot_be_used(name):
    with pytest.raises(InputError, match=r"(?s)no device .*where: device"):
        choose_device(name)
