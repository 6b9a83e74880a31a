import itertools
import math
import statistics

import pytest
import torch

from src.errors import InputError
from src.objectives.terms.mmd import MMD
from tests.objectives.terms.made_step import SETUP, made_step, unit

LANGUAGES = [0, 0, 1, 2, 1, 2, 0, 2]


def reference(texts, languages, bandwidths, median, unbiased):
    """The formula, kernel by kernel."""
    texts = texts.double()

    def squared(x, y):
        return ((x - y) ** 2).sum()

    ordered = [squared(x, y).item() for x, y in itertools.permutations(texts, 2)]
    scale = statistics.median_low(ordered) if median else 1

    def k(x, y):
        return sum(torch.exp(-squared(x, y) / (2 * s**2 * scale)) for s in bandwidths) / len(bandwidths)

    def within(rows):
        if unbiased:
            return sum(k(x, y) for x, y in itertools.permutations(rows, 2)) / (len(rows) * (len(rows) - 1))
        return sum(k(x, y) for x in rows for y in rows) / len(rows) ** 2

    groups = [
        [text for text, language in zip(texts, languages, strict=True) if language == each]
        for each in sorted(set(languages))
    ]
    values = [
        within(a) + within(b) - 2 * sum(k(x, y) for x in a for y in b) / (len(a) * len(b))
        for a, b in itertools.combinations(groups, 2)
    ]
    return sum(values) / len(values)


@pytest.mark.parametrize("bandwidths", [[1.0], [0.3, 0.5, 2]])
@pytest.mark.parametrize("median", [False, True])
@pytest.mark.parametrize("unbiased", [False, True])
def test_loss_and_gradient_equal_the_formula(bandwidths, median, unbiased):
    queries = unit(8)
    term = MMD(SETUP, side="queries", bandwidths=bandwidths, median=median, unbiased=unbiased)
    loss = term(made_step(queries, unit(8, seed=1), LANGUAGES, [0] * 8))["loss"]
    expected = reference(queries, LANGUAGES, bandwidths, median, unbiased)
    torch.testing.assert_close(loss.double(), expected, rtol=1e-5, atol=1e-6)
    ours, theirs = (torch.autograd.grad(each, queries)[0] for each in (loss, expected))
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)


def test_equal_distributions_are_at_distance_zero():
    texts = torch.cat([unit(4).detach()] * 2)
    loss = MMD(SETUP, side="queries")(made_step(texts, texts, [0] * 4 + [1] * 4, [0] * 8))["loss"]
    assert loss.item() == pytest.approx(0, abs=1e-6)


def test_distant_points_reach_the_largest_value():
    texts = torch.tensor([[0.0] * 6, [0.0] * 6, [9.0] * 6, [9.0] * 6])
    term = MMD(SETUP, side="queries", bandwidths=[1.0], median=False)
    assert term(made_step(texts, texts, [0, 0, 1, 1], [0] * 4))["loss"].item() == pytest.approx(2)


def test_the_median_makes_it_independent_of_scale():
    texts = unit(8)
    step, larger = (made_step(texts * by, texts, LANGUAGES, [0] * 8) for by in (1, 30))
    torch.testing.assert_close(MMD(SETUP, side="queries")(larger)["loss"], MMD(SETUP, side="queries")(step)["loss"])


def test_texts_that_are_all_one_have_a_finite_gradient():
    texts = torch.ones(4, 6, requires_grad=True)
    loss = MMD(SETUP, side="queries")(made_step(texts, texts, [0, 0, 1, 1], [0] * 4))["loss"]
    loss.backward()
    assert loss.item() == 0
    assert texts.grad.isfinite().all()


def test_rounding_makes_no_distance_negative():
    texts = torch.nn.functional.normalize(torch.randn(1, 64, generator=torch.Generator().manual_seed(0)), dim=1)
    step = made_step(texts.expand(4, 64), texts.expand(4, 64), [0, 0, 1, 1], [0] * 4)
    assert 0 <= MMD(SETUP, side="queries")(step)["loss"].item() <= 2


@pytest.mark.parametrize("bandwidths", [[], 1.0, "wide", [0], [-1], [math.nan], [1, "2"]])
def test_bandwidths_that_cannot_be_are_refused(bandwidths):
    with pytest.raises(InputError, match=r"terms\.mmd\.bandwidths"):
        MMD(SETUP, bandwidths=bandwidths)


@pytest.mark.parametrize("option", ["median", "unbiased"])
def test_a_switch_is_true_or_false(option):
    with pytest.raises(InputError, match=rf"terms\.mmd\.{option}"):
        MMD(SETUP, **{option: "no"})
