import torch

from src.objectives.terms.cosine import cosines, row_cosines


def test_cosines_do_not_depend_on_lengths():
    left, right = torch.tensor([[3.0, 0.0], [1.0, 1.0]]), torch.tensor([[0.5, 0.5], [0.0, -2.0], [9.0, 0.0]])
    half = 0.5**0.5
    torch.testing.assert_close(cosines(left, right), torch.tensor([[half, 0, 1], [1, -half, half]]))
    torch.testing.assert_close(row_cosines(left, right[:2]), torch.tensor([half, -half]))


def test_they_are_computed_in_float32_under_autocast():
    left, right = torch.randn(3, 8, generator=torch.Generator().manual_seed(1)), torch.eye(8)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.testing.assert_close(cosines(left, right), torch.nn.functional.normalize(left), rtol=0, atol=0)


def test_a_row_of_zeros_has_a_finite_gradient():
    zero = torch.zeros(1, 4, requires_grad=True)
    cosines(zero, torch.eye(4)).sum().backward()
    assert torch.isfinite(zero.grad).all()
