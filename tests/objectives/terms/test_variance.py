import math

import pytest
import torch

from src.errors import InputError
from tests.objectives.terms.parallel_rows import PARALLEL, SETUP, ParallelRows, assert_equal, cosine, gradients, term


def negatives_of(rows, explicit):
    """Cosines of every query with each passage that is no answer of its."""
    for i, question in enumerate(rows.question_ids):
        known = rows.answers(question)
        for j, passage in enumerate(rows.passage_ids):
            if passage not in known:
                yield cosine(rows.queries[i].double(), rows.passages[j].double())
        for j, passage in enumerate(rows.negative_ids):
            if explicit and passage not in known:
                yield cosine(rows.queries[i].double(), rows.negatives[j].double())


@pytest.mark.parametrize("explicit", [False, True])
@pytest.mark.parametrize("pairs", [None, 3])
def test_loss_and_gradient_equal_the_formula(explicit, pairs):
    terms = term("variance", explicit_negatives=explicit, pairs=pairs)(PARALLEL.step())
    found = list(negatives_of(PARALLEL, explicit))
    n = pairs or SETUP.pairs
    assert_equal(terms["loss"], sum((each + 1 / n) ** 2 for each in found) / len(found), PARALLEL)
    values = torch.stack(found).detach()
    assert terms["negative_cosine"].item() == pytest.approx(values.mean().item(), abs=1e-6)
    assert terms["negative_deviation"].item() == pytest.approx(values.std(correction=0).item(), abs=1e-6)
    assert not terms["negative_cosine"].requires_grad


def test_it_vanishes_for_a_regular_simplex_of_all_training_pairs():
    corners = torch.eye(8)[:4] - torch.eye(8)[:4].mean(0)  # at a cosine of -1/3 from each other
    batch = ParallelRows([1, 2, 3, 4], [11, 12, 13, 14])
    batch.queries = batch.passages = corners.clone().requires_grad_()
    assert term("variance", pairs=3)(batch.step())["loss"].item() == pytest.approx(0, abs=1e-12)
    assert term("variance", pairs=10**9)(batch.step())["loss"].item() == pytest.approx(1 / 9)


def test_a_batch_without_negatives_adds_nothing():
    rows = ParallelRows([1, 1], [11, 11])
    terms = term("variance")(rows.step())
    assert terms["loss"].item() == 0
    assert all((gradient == 0).all() for gradient in gradients(terms["loss"], rows))
    assert math.isnan(terms["negative_cosine"].item())


def test_it_needs_no_translations_and_no_parameters():
    made = term("variance")
    assert made.translations == frozenset()
    assert list(made.parameters()) == []


@pytest.mark.parametrize("pairs", [0, -3, 2.5, True])
def test_a_number_of_pairs_below_one_is_refused(pairs):
    with pytest.raises(InputError, match=r"terms\.variance\.pairs"):
        term("variance", pairs=pairs)


def test_a_switch_that_is_none_is_refused():
    with pytest.raises(InputError, match=r"terms\.variance\.explicit_negatives"):
        term("variance", explicit_negatives="some")
