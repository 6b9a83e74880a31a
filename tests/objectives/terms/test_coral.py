import itertools

import pytest
import torch

from src.errors import InputError
from src.objectives.terms.coral import CORAL
from tests.objectives.terms.made_step import SETUP, made_step, unit

LANGUAGES = [0, 0, 1, 2, 1, 2, 0, 2]


def reference(texts, languages, means, rescale):
    """The formula, entry by entry."""
    d = texts.shape[1]
    texts = texts.double() * (d**0.5 if rescale else 1)
    total, pairs = 0, 0
    for a, b in itertools.combinations(sorted(set(languages)), 2):
        (mean_a, covariance_a), (mean_b, covariance_b) = (
            moments([text for text, language in zip(texts, languages, strict=True) if language == each])
            for each in (a, b)
        )
        for i in range(d):
            total = total + (mean_a[i] - mean_b[i]) ** 2 / d * means
            for j in range(d):
                total = total + (covariance_a[i][j] - covariance_b[i][j]) ** 2 / (4 * d**2)
        pairs += 1
    return total / pairs


def moments(rows):
    n, d = len(rows), len(rows[0])
    mean = [sum(row[i] for row in rows) / n for i in range(d)]
    covariance = [
        [sum((row[i] - mean[i]) * (row[j] - mean[j]) for row in rows) / (n - 1) for j in range(d)] for i in range(d)
    ]
    return mean, covariance


@pytest.mark.parametrize("means", [False, True])
@pytest.mark.parametrize("rescale", [False, True])
def test_loss_and_gradient_equal_the_formula(means, rescale):
    queries = unit(8)
    term = CORAL(SETUP, side="queries", means=means, rescale=rescale)
    loss = term(made_step(queries, unit(8, seed=1), LANGUAGES, [0] * 8))["loss"]
    expected = reference(queries, LANGUAGES, means, rescale)
    torch.testing.assert_close(loss.double(), expected, rtol=1e-5, atol=1e-9)
    ours, theirs = (torch.autograd.grad(each, queries)[0] for each in (loss, expected))
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-8)


def test_the_same_cloud_elsewhere_differs_in_means_only():
    cloud = unit(5).detach()
    texts = torch.cat([cloud, cloud + 1]).requires_grad_()
    step = made_step(texts, texts, [0] * 5 + [1] * 5, [0] * 10)
    assert CORAL(SETUP, side="queries")(step)["loss"].item() == pytest.approx(0, abs=1e-9)
    # 6 coordinates, each 1 apart: ||mu_a - mu_b||^2 = 6 of unit-length embeddings, which rescaling keeps
    assert CORAL(SETUP, side="queries", means=True)(step)["loss"].item() == pytest.approx(6, rel=1e-5)


@pytest.mark.parametrize("option", ["means", "rescale"])
def test_a_switch_is_true_or_false(option):
    with pytest.raises(InputError, match=rf"terms\.coral\.{option}"):
        CORAL(SETUP, **{option: 1})
