from dataclasses import replace

import pytest
import torch
from hydra.errors import InstantiationException
from hydra.utils import instantiate

from src.errors import InputError
from src.objectives.decoupled import Decoupled
from src.objectives.infonce import InfoNCE
from src.objectives.matryoshka import Matryoshka
from src.objectives.sigmoid import Sigmoid
from tests.objectives.pairs import DISTINCT, HARD, check_value_and_gradient, reference
from tests.objectives.reference import Rows
from tests.objectives.test_decoupled import row_loss as decoupled_loss


class Cut(Rows):
    """The first numbers of other rows' embeddings, normalised."""

    def __init__(self, rows, size):
        self.question_ids, self.passage_ids, self.negative_ids = rows.question_ids, rows.passage_ids, rows.negative_ids
        cut = [each.double()[:, :size] for each in rows.embeddings]
        self.queries, self.passages, self.negatives = (each / each.norm(dim=1, keepdim=True) for each in cut)


@pytest.mark.parametrize("denominator", ["both", "explicit"])
@pytest.mark.parametrize(("dims", "weights"), [((8, 3), (1.0, 0.5)), ((2, 5, 4), None)])
def test_loss_and_gradient_equal_the_formula(denominator, dims, weights):
    inner = Decoupled(0.2, denominator=denominator, symmetric=True)
    terms = Matryoshka(inner, dims, weights=weights)(HARD.contrast())
    losses = {size: reference(Cut(HARD, size), decoupled_loss(0.2), denominator, symmetric=True) for size in dims}
    expected = sum(weight * losses[size] for size, weight in zip(dims, weights or [1] * len(dims), strict=True))
    check_value_and_gradient(terms["loss"], expected, HARD)
    for size, loss in losses.items():
        assert terms[f"loss_at_{size}"].item() == pytest.approx(loss.item(), rel=1e-5)


def test_the_whole_size_alone_is_the_inner_objective():
    inner = InfoNCE(symmetric=True)
    loss = Matryoshka(inner, dims=[8])(HARD.contrast())["loss"]
    check_value_and_gradient(loss, inner(Cut(HARD, 8).contrast())["loss"].double(), HARD)


def test_sizes_are_halved_down_to_the_smallest():
    for dimension, smallest, sizes in ((768, 64, (768, 384, 192, 96)), (64, 16, (64, 32, 16)), (8, 4, (8, 4))):
        objective = Matryoshka(InfoNCE(), smallest=smallest)
        assert objective.dimensions == ()
        objective.check(dimension)
        assert objective.dimensions == sizes
    terms = objective(DISTINCT.contrast())
    torch.testing.assert_close(terms["loss"], terms["loss_at_8"] + terms["loss_at_4"])


def test_embeddings_in_half_precision_are_cut_and_normalised_in_float32():
    rows = Rows([1, 2, 3], [11, 12, 13])
    rows.queries, rows.passages, rows.negatives = (each.detach().bfloat16() for each in rows.embeddings)
    loss = Matryoshka(InfoNCE(), dims=[8, 3])(rows.contrast())["loss"]
    rows.queries, rows.passages, rows.negatives = (each.float() for each in rows.embeddings)
    torch.testing.assert_close(loss, Matryoshka(InfoNCE(), dims=[8, 3])(rows.contrast())["loss"], rtol=0, atol=0)


def test_telemetry_is_that_of_the_whole_size():
    inner = Sigmoid()
    rows = Rows([1, 2, 3], [11, 12, 13])
    rows.queries = rows.passages = torch.eye(8)[5:]  # nothing in the first two numbers: nobody wins there
    terms, whole = Matryoshka(inner, dims=[2, 8])(rows.contrast()), inner(rows.contrast())
    assert whole["accuracy"] == 1
    assert set(terms) == {*whole, "loss_at_2", "loss_at_8"}
    for name in set(whole) - {"loss"}:
        torch.testing.assert_close(terms[name], whole[name])
    assert not any(value.requires_grad for name, value in terms.items() if name != "loss")


def test_the_inner_objectives_parameters_are_trained_at_every_size():
    inner = Sigmoid(1.0, 0.0)
    objective = Matryoshka(inner, dims=[8, 4], weights=[1.0, 2.0])
    (found,) = torch.autograd.grad(objective(HARD.contrast())["loss"], [inner.bias])
    alone = [Matryoshka(inner, [size])(HARD.contrast())["loss"] for size in (8, 4)]
    whole, half = (torch.autograd.grad(loss, [inner.bias])[0] for loss in alone)
    torch.testing.assert_close(found, whole + 2 * half)


def test_cut_embeddings_are_float32_under_autocast():
    contrast = HARD.contrast()
    half = replace(contrast, queries=contrast.queries.bfloat16(), passages=contrast.passages.bfloat16())
    objective = Matryoshka(InfoNCE(), [4])
    expected = objective(half)["loss"]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.testing.assert_close(objective(half)["loss"], expected, rtol=0, atol=0)


def test_it_needs_negatives_where_the_inner_objective_does():
    assert Matryoshka(InfoNCE(denominator="explicit")).requires_negatives
    assert not Matryoshka(InfoNCE()).requires_negatives
    assert not Matryoshka(Sigmoid()).requires_negatives


@pytest.mark.parametrize("dims", [[], [0], [8, -1], [8, 8], [2.5], [True]])
def test_sizes_that_are_none_are_refused(dims):
    with pytest.raises(InputError, match=r"objective\.dims"):
        Matryoshka(InfoNCE(), dims)


def test_sizes_above_the_encoders_are_refused():
    objective = Matryoshka(InfoNCE(), [16, 4])
    with pytest.raises(InputError, match="have 8 dimensions, 16 are asked for"):
        objective.check(8)
    with pytest.raises(InputError, match=r"objective\.dims"):
        objective(DISTINCT.contrast())


@pytest.mark.parametrize("smallest", [0, 5, 8])
def test_a_smallest_size_that_leaves_nothing_to_cut_is_refused(smallest):
    with pytest.raises(InputError, match=r"objective\.smallest"):
        Matryoshka(InfoNCE(), smallest=smallest).check(8)


@pytest.mark.parametrize(
    ("dims", "weights"), [(None, [1.0]), ([8, 4], [1.0]), ([8, 4], [1.0, 0.0]), ([8], [float("nan")]), ([8], ["1"])]
)
def test_weights_that_do_not_fit_are_refused(dims, weights):
    with pytest.raises(InputError, match=r"objective\.weights"):
        Matryoshka(InfoNCE(), dims, weights=weights)


def test_mistakes_of_the_inner_objective_are_named_by_its_own_keys():
    section = {
        "_target_": "src.objectives.matryoshka.build_matryoshka",
        "_recursive_": False,
        "inner": {"_target_": "src.objectives.infonce.InfoNCE", "temperature": -1.0},
    }
    with pytest.raises(InstantiationException) as raised:
        instantiate(section)
    cause = raised.value.__cause__
    assert isinstance(cause, InputError)
    assert cause.where == "objective.inner.temperature"
