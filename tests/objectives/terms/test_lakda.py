import math

import pytest
import torch

from src.errors import InputError
from tests.objectives.terms.parallel_rows import NO_VERSIONS, PARALLEL, assert_equal, cosine, gradients, term


def distribution(query, rows, temperature):
    """Over every passage and every explicit negative, known answers too."""
    documents = [*rows.passages.double(), *rows.negatives.double()]
    weights = [torch.exp(cosine(query, document) / temperature) for document in documents]
    return [weight / sum(weights) for weight in weights]


@pytest.mark.parametrize("temperature", [1.0, 0.1])
def test_loss_and_gradient_equal_the_formula(temperature):
    divergences = []
    for _, query, version in PARALLEL.pairs("query"):
        a, b = (distribution(each, PARALLEL, temperature) for each in (query, version))
        divergences.append(sum(q * torch.log(q / p) for p, q in zip(a, b, strict=True)))
    terms = term("lakda", temperature=temperature)(PARALLEL.step())
    assert_equal(terms["loss"], sum(divergences) / len(divergences), PARALLEL)
    cosines = [cosine(query, version).item() for _, query, version in PARALLEL.pairs("query")]
    assert terms["parallel_cosine"].item() == pytest.approx(sum(cosines) / len(cosines), abs=1e-6)


def test_it_vanishes_for_a_version_that_points_where_its_query_does():
    step = PARALLEL.step()
    step.queries.embeddings = 3 * step.contrast.queries[step.queries.rows]
    terms = term("lakda")(step)
    assert terms["loss"].item() == pytest.approx(0, abs=1e-6)
    assert terms["parallel_cosine"].item() == pytest.approx(1)


def test_passages_have_no_part_in_it_but_as_candidates():
    step = PARALLEL.step()
    expected = term("lakda")(step)["loss"]
    step.passages = None
    assert term("lakda")(step)["loss"] == expected
    assert term("lakda").translations == {"query"}


def test_a_batch_without_versions_adds_nothing_but_keeps_its_graph():
    terms = term("lakda")(NO_VERSIONS.step())
    assert terms["loss"].item() == 0
    assert all((gradient == 0).all() for gradient in gradients(terms["loss"], NO_VERSIONS))
    assert math.isnan(terms["parallel_cosine"].item())


@pytest.mark.parametrize("temperature", [0, -1.0, math.nan, math.inf, "warm", True])
def test_a_temperature_that_is_not_above_zero_is_refused(temperature):
    with pytest.raises(InputError, match=r"terms\.lakda\.temperature"):
        term("lakda", temperature=temperature)
