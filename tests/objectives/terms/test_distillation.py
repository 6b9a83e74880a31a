import pytest
import torch

from src.errors import InputError
from src.objectives.step import Targets
from tests.objectives.terms.parallel_rows import ParallelRows, cosine, term
from tests.toy import toy_data, toy_encoder

KNOWN = {"query": [0, 1, 4], "passage": [2, 3]}  # rows whose text the teacher knows


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    """The folder of an encoder of 16 dimensions."""
    folder = tmp_path_factory.mktemp("teacher")
    toy_encoder(toy_data(folder / "data")).save(folder / "encoder")
    return folder


@pytest.fixture
def rows():
    return ParallelRows([1, 2, 3, 4, 5], [11, 12, 13, 14, 15], query_rows=[4, 2, 0], passage_rows=[3, 0], seed=2)


def step_of(rows, width=16):
    step = rows.step()
    generator = torch.Generator().manual_seed(9)
    step.query_targets, step.passage_targets = (
        Targets(torch.tensor(held), torch.randn(len(held), width, generator=generator)) for held in KNOWN.values()
    )
    return step


def pairs_of(rows, step, sides, *, translations):
    """(student's embedding, teacher's) of all texts that the teacher knows."""
    found = []
    for side in sides:
        own = rows.queries if side == "query" else rows.passages
        targets = step.query_targets if side == "query" else step.passage_targets
        by_row = dict(zip(KNOWN[side], targets.embeddings, strict=True))
        found += [(own[row], by_row[row]) for row in KNOWN[side]]
        if translations:
            found += [(version, by_row[row].float()) for row, _, version in rows.pairs(side) if row in by_row]
    return [(student.double(), target.double()) for student, target in found]


@pytest.mark.parametrize("distance", ["mse", "cosine"])
@pytest.mark.parametrize("translations", [True, False])
@pytest.mark.parametrize(("side", "sides"), [("both", ["query", "passage"]), ("queries", ["query"])])
def test_loss_and_gradient_equal_the_formula(teacher, rows, distance, translations, side, sides):
    made = term(
        "distillation",
        checkpoint=str(teacher),
        distance=distance,
        translations=translations,
        side=side,
        projection=True,
    )
    step = step_of(rows)
    figures = made(step)
    weight, bias = made.projection.weight.double(), made.projection.bias.double()
    pairs = [
        (weight @ student + bias, target) for student, target in pairs_of(rows, step, sides, translations=translations)
    ]
    cosines = [cosine(*pair) for pair in pairs]
    squares = [((student - target) ** 2).sum() for student, target in pairs]
    distances = squares if distance == "mse" else [1 - each for each in cosines]
    expected = sum(distances) / len(distances)
    assert figures["loss"].item() == pytest.approx(expected.item(), rel=1e-5)
    assert figures["teacher_cosine"].item() == pytest.approx(sum(cosines).item() / len(cosines), abs=1e-5)
    inputs = [*rows.embeddings, *made.projection.parameters()]
    ours, theirs = (torch.autograd.grad(loss, inputs, materialize_grads=True) for loss in (figures["loss"], expected))
    for mine, plain in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, plain, rtol=1e-4, atol=1e-6)


def test_the_teacher_is_frozen_and_no_part_of_the_term(teacher):
    made = term("distillation", checkpoint=str(teacher), projection=True)
    assert set(made.state_dict()) == {"projection.weight", "projection.bias"}
    assert not any(parameter.requires_grad for parameter in made.taught.encoder.parameters())
    assert made.taught.language == 1
    assert made.translations == made.taught.sides == {"query", "passage"}


def test_a_teacher_of_another_width_needs_a_projection(teacher):
    with pytest.raises(InputError, match=r"16 dimensions, the student's 8(?s:.)*projection"):
        term("distillation", checkpoint=str(teacher))


def test_one_teacher_is_asked_for(teacher):
    with pytest.raises(InputError, match=r"terms\.distillation\.checkpoint, terms\.distillation\.teacher"):
        term("distillation")
    with pytest.raises(InputError, match=r"terms\.distillation\.checkpoint=/nowhere"):
        term("distillation", checkpoint="/nowhere")


@pytest.mark.parametrize(("option", "value"), [("distance", "l1"), ("language", "fr"), ("translations", "yes")])
def test_a_wrong_option_is_refused(teacher, option, value):
    with pytest.raises(InputError, match=rf"terms\.distillation\.{option}"):
        term("distillation", checkpoint=str(teacher), projection=True, **{option: value})
