from types import SimpleNamespace

import pytest
import torch

from src.encoder.pooling import POOLINGS

STATES = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [50.0, 60.0]], [[7.0, 8.0], [9.0, 10.0], [11.0, 12.0]]])
OUTPUT = SimpleNamespace(last_hidden_state=STATES, pooler_output=torch.tensor([[0.1, 0.2], [0.3, 0.4]]))
MASK = torch.tensor([[1, 1, 0], [1, 1, 1]])


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ("cls", [[1.0, 2.0], [7.0, 8.0]]),
        ("mean", [[2.0, 3.0], [9.0, 10.0]]),  # padding does not count
        ("pooler", [[0.1, 0.2], [0.3, 0.4]]),
    ],
)
def test_pools_real_tokens(pooling, expected):
    torch.testing.assert_close(POOLINGS[pooling](OUTPUT, MASK), torch.tensor(expected))


def test_the_mean_is_taken_in_float32():
    # in bfloat16 the sum of 1,000 ones stays at 256
    states = torch.ones(1, 1000, 4, dtype=torch.bfloat16)
    pooled = POOLINGS["mean"](SimpleNamespace(last_hidden_state=states), torch.ones(1, 1000, dtype=torch.long))
    assert pooled.dtype == torch.float32
    torch.testing.assert_close(pooled, torch.ones(1, 4))


@pytest.mark.parametrize("pooling", POOLINGS)
def test_half_precision_states_give_float32(pooling):
    halves = SimpleNamespace(**{name: value.bfloat16() for name, value in vars(OUTPUT).items()})
    assert POOLINGS[pooling](halves, MASK).dtype == torch.float32
