import math

import pytest
import torch

from src.errors import InputError
from tests.objectives.terms.parallel_rows import NO_VERSIONS, PARALLEL, assert_equal, cosine, gradients, term

SIDES = {"queries": ["query"], "passages": ["passage"], "both": ["query", "passage"]}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("distance", ["mse", "cosine"])
def test_loss_and_gradient_equal_the_formula(side, distance):
    terms = term("alignment", side=side, distance=distance)(PARALLEL.step())
    pairs = [(text, version) for each in SIDES[side] for _, text, version in PARALLEL.pairs(each)]
    cosines = [cosine(text, version) for text, version in pairs]
    squares = [sum((a - b) ** 2 for a, b in zip(text, version, strict=True)) for text, version in pairs]
    distances = squares if distance == "mse" else [1 - each for each in cosines]
    assert_equal(terms["loss"], sum(distances) / len(distances), PARALLEL)
    assert terms["parallel_cosine"].item() == pytest.approx(sum(cosines).item() / len(cosines), abs=1e-6)
    assert not terms["parallel_cosine"].requires_grad


def test_between_normalised_texts_one_distance_is_twice_the_other():
    step = PARALLEL.step()
    step.contrast.queries = torch.nn.functional.normalize(step.contrast.queries)
    step.queries.embeddings = torch.nn.functional.normalize(step.queries.embeddings)
    square, angle = (term("alignment", distance=distance)(step)["loss"] for distance in ("mse", "cosine"))
    torch.testing.assert_close(square, 2 * angle)


@pytest.mark.parametrize("distance", ["mse", "cosine"])
def test_it_vanishes_for_texts_equal_to_their_versions(distance):
    step = PARALLEL.step()
    step.queries.embeddings = step.contrast.queries[step.queries.rows]
    assert term("alignment", distance=distance)(step)["loss"].item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("side", SIDES)
def test_a_batch_without_versions_adds_nothing_but_keeps_its_graph(side):
    terms = term("alignment", side=side)(NO_VERSIONS.step())
    assert terms["loss"].item() == 0
    assert all((gradient == 0).all() for gradient in gradients(terms["loss"], NO_VERSIONS))
    assert math.isnan(terms["parallel_cosine"].item())


def test_it_asks_for_translations_of_its_sides():
    assert {side: set(term("alignment", side=side).translations) for side in SIDES} == {
        k: set(v) for k, v in SIDES.items()
    }


@pytest.mark.parametrize(("option", "value"), [("distance", "euclidean"), ("side", "query"), ("side", ["both"])])
def test_an_unknown_choice_is_refused(option, value):
    with pytest.raises(InputError, match=rf"terms\.alignment\.{option}"):
        term("alignment", **{option: value})
