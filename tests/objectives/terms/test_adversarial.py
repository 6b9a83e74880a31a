import math
from dataclasses import replace

import pytest
import torch

from src.errors import InputError
from src.objectives.terms.adversarial import Adversarial, lambda_at, reverse_gradient
from tests.objectives.terms import told_apart
from tests.objectives.terms.made_step import SETUP, made_step, unit

LANGUAGES = [0, 2, 1, 1], [0, 0, 2, 1]


def made(progress=0.3):
    texts = unit(4), unit(4, seed=1)
    return texts, made_step(*texts, *LANGUAGES, datasets=[0, 1, 1, 0], progress=progress)


def reference(term, texts, labels):
    """Cross-entropy of a discriminator with one hidden layer, text by text."""
    (inner, outer), total = term.discriminator.layers, 0
    for text, label in zip(texts.double(), labels, strict=True):
        hidden = (inner.weight.double() @ text + inner.bias.double()).clamp(min=0)
        logits = outer.weight.double() @ hidden + outer.bias.double()
        total = total + torch.log(sum(torch.exp(logit) for logit in logits)) - logits[label]
    return total / len(labels)


@pytest.mark.parametrize(("sees", "labels"), [("queries", [0, 2, 1, 1]), ("both", [0, 2, 1, 1, 0, 0, 2, 1])])
def test_loss_and_gradients_equal_the_formula(sees, labels):
    (queries, passages), step = made()
    term = Adversarial(SETUP, sees=sees, hidden=5, gamma=3.0, max=0.7)
    terms = term(step)
    texts = torch.cat([queries, passages])[: len(labels)]
    expected = reference(term, texts, labels)
    torch.testing.assert_close(terms["loss"].double(), expected, rtol=1e-5, atol=1e-6)
    strength = 0.7 * (2 / (1 + math.exp(-3 * 0.3)) - 1)
    assert terms["lambda"].item() == pytest.approx(strength)
    ours, theirs = (
        torch.autograd.grad(each, [*term.parameters(), queries], retain_graph=True)
        for each in (terms["loss"], expected)
    )
    for mine, plain in zip(ours[:-1], theirs[:-1], strict=True):  # the discriminator descends
        torch.testing.assert_close(mine, plain, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(ours[-1], -strength * theirs[-1], rtol=1e-4, atol=1e-7)  # the encoder ascends


def test_reversal_is_identity_forward_and_minus_lambda_backward():
    texts, direction = unit(4), unit(4, seed=3).detach()
    reversed_ = reverse_gradient(texts, 0.25)
    assert torch.equal(reversed_, texts)
    (gradient,) = torch.autograd.grad((reversed_ * direction).sum(), texts)
    assert torch.equal(gradient, -0.25 * direction)


@pytest.mark.parametrize(("progress", "value"), [(0, 0), (0.1, 0.46212), (0.5, 0.98661), (1, 0.99991)])
def test_schedule(progress, value):
    assert lambda_at(progress, 10) == pytest.approx(value, abs=1e-5)


def test_at_the_start_the_encoder_is_left_alone_and_the_discriminator_learns():
    (queries, passages), step = made(progress=0.0)
    term = Adversarial(SETUP)
    term(step)["loss"].backward()
    assert not queries.grad.any()
    assert not passages.grad.any()
    assert all(parameter.grad.any() for parameter in term.parameters())


def test_domains_may_be_datasets():
    _, step = made()
    terms = Adversarial(SETUP, domain="dataset")(step)
    assert terms["chance"].item() == 0.5


@pytest.fixture(scope="module")
def alone():
    return told_apart.accuracies(term(), 100, lr=0, reaches_encoder=False)


def term():
    return Adversarial(told_apart.SETUP, hidden=32, lr=1e-2)


@pytest.mark.slow
def test_the_adversary_brings_the_discriminator_down_to_chance(alone):
    assert sum(alone[-20:]) / 20 > 0.95
    together = told_apart.accuracies(term(), 400, lr=1e-2)
    assert sum(together[-100:]) / 100 < 1 / 3 + 0.15
    assert max(together[:40]) > 0.8  # it could tell them at first


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("domain", "topic"),
        ("sees", "answers"),
        ("hidden", 0),
        ("hidden", 2.5),
        ("layers", -1),
        ("gamma", 0),
        ("max", -1),
        ("max", math.nan),
        ("lr", 0),
    ],
)
def test_an_option_that_cannot_be_is_refused(option, value):
    with pytest.raises(InputError, match=rf"terms\.adversarial\.{option}"):
        Adversarial(SETUP, **{option: value})


def test_one_dataset_alone_is_refused():
    with pytest.raises(InputError, match=r"terms\.adversarial\.domain=dataset"):
        Adversarial(replace(SETUP, datasets=("faq",)), domain="dataset")


def test_its_learning_rate_is_its_own_or_the_encoders():
    assert Adversarial(SETUP, lr=0.5).lr == 0.5
    assert Adversarial(SETUP, lr=None).lr is None
