import math
from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from src.errors import InputError
from src.objectives.terms.modir import MoDIR
from tests.objectives.terms import told_apart
from tests.objectives.terms.made_step import SETUP, made_step, unit

LANGUAGES = [0, 2, 1, 1], [0, 0, 2, 1]


def made(seed=0, progress=0.0):
    texts = unit(4, seed=seed), unit(4, seed=seed + 1)
    return texts, made_step(*texts, *LANGUAGES, datasets=[0, 1, 1, 0], progress=progress)


def logits(weight, text):
    return (weight @ text).clamp(-5, 5)


def cross_entropy(scores, label):
    return torch.log(sum(torch.exp(score) for score in scores)) - scores[label]


@pytest.mark.parametrize("kind", ["confusion", "minimax"])
@pytest.mark.parametrize("scale", [1, 30])  # 30: logits beyond the clamp
def test_loss_and_gradients_equal_the_formula(kind, scale):
    term = MoDIR(SETUP, kind=kind, strength=0.4, queue=12, per_step=7)
    with torch.no_grad():
        term.classifier.layers[0].weight.mul_(scale)
    term(made(seed=10)[1])  # a batch of the past, half of it overwritten by the next one
    (queries, passages), step = made(progress=0.25)
    terms = term(step)

    weight = term.classifier.layers[0].weight
    drawn, their_domains = term.queue.draw(7, seed=SETUP.seed, step=25)
    classifier = sum(
        cross_entropy(logits(weight.double(), text), label)
        for text, label in zip(drawn.double(), their_domains, strict=True)
    )
    held_fixed, domains = weight.detach().double(), [*LANGUAGES[0], *LANGUAGES[1]]
    encoder = 0
    for text, label in zip(torch.cat([queries, passages]).double(), domains, strict=True):
        scores = logits(held_fixed, text)
        uniform = sum(cross_entropy(scores, each) for each in range(3)) / 3
        encoder = encoder + (uniform if kind == "confusion" else -cross_entropy(scores, label))
    expected = classifier / 7 + 0.4 * encoder / 8
    torch.testing.assert_close(terms["loss"].double(), expected, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(terms["classifier_loss"].double(), (classifier / 7).detach(), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(terms["encoder_loss"].double(), (encoder / 8).detach(), rtol=1e-5, atol=1e-6)
    ours, theirs = (torch.autograd.grad(each, [weight, queries, passages]) for each in (terms["loss"], expected))
    for mine, plain in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, plain, rtol=1e-4, atol=1e-6)


def test_confusion_is_least_where_all_domains_are_equally_likely():
    term = MoDIR(SETUP)
    with torch.no_grad():
        term.classifier.layers[0].weight.zero_()
    terms = term(made()[1])
    assert terms["encoder_loss"].item() == pytest.approx(math.log(3))


def test_each_part_trains_its_own_side_only():
    (queries, passages), step = made()
    term = MoDIR(SETUP)
    terms = term(step)
    weight = term.classifier.layers[0].weight
    drawn, domains = term.queue.draw(2000, seed=SETUP.seed, step=0)
    classifier = functional.cross_entropy((drawn @ weight.T).clamp(-5, 5), domains)
    (expected,) = torch.autograd.grad(classifier, weight)
    terms["loss"].backward()
    torch.testing.assert_close(weight.grad, expected)
    assert queries.grad.any()
    assert passages.grad.any()


def test_strength_is_halved_again_and_again():
    setup = replace(SETUP, max_steps=300)
    term = MoDIR(setup, strength=0.8, halve_every=100)
    found = [term(made(progress=step / 300)[1])["lambda"].item() for step in (0, 99, 100, 199, 200)]
    assert found == pytest.approx([0.8, 0.8, 0.4, 0.4, 0.2])
    early = MoDIR(SETUP, strength=0.8, halve_every=29)  # 0.29 * 100 is a little less than 29
    assert early(made(progress=29 / 100)[1])["lambda"].item() == pytest.approx(0.4)
    never = MoDIR(setup, strength=0.8, halve_every=None)
    assert never(made(progress=0.99)[1])["lambda"].item() == pytest.approx(0.8)


def test_the_queue_holds_queries_then_passages_of_the_domain_asked_for():
    (queries, passages), step = made()
    term = MoDIR(SETUP, domain="dataset", queue=10)
    term(step)
    torch.testing.assert_close(term.queue.embeddings[:8], torch.cat([queries, passages]).detach())
    assert term.queue.domains[:8].tolist() == [0, 1, 1, 0] * 2
    one_side = MoDIR(SETUP, sees="passages", queue=10)
    one_side(step)
    torch.testing.assert_close(one_side.queue.embeddings[:4], passages.detach())
    assert one_side.queue.written.item() == 4


def test_a_resumed_run_goes_on_exactly():
    term = MoDIR(SETUP, queue=12, per_step=7)
    for step in range(3):
        term(made(seed=step, progress=step / 100)[1])
    resumed = MoDIR(SETUP, queue=12, per_step=7)
    resumed.load_state_dict(term.state_dict())
    torch.manual_seed(123)  # the run's random state is none of its business
    one, other = (each(made(seed=9, progress=0.03)[1]) for each in (term, resumed))
    assert one["loss"].item() == other["loss"].item()
    assert torch.equal(term.queue.embeddings, resumed.queue.embeddings)


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"lr": 3e-2}, {"lr": 1e-2, "layers": 1, "hidden": 32}])
def test_a_confused_classifier_falls_to_chance(options):
    def term():
        return MoDIR(told_apart.SETUP, queue=500, per_step=200, strength=1.0, **options)

    alone = told_apart.accuracies(term(), 100, lr=0, reaches_encoder=False)
    assert sum(alone[-20:]) / 20 > 0.95
    together = told_apart.accuracies(term(), 400, lr=1e-2)
    assert sum(together[-100:]) / 100 < 1 / 3 + 0.15
    assert max(together[:40]) > 0.8  # it could tell them at first


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("domain", "topic"),
        ("sees", "answers"),
        ("kind", "gan"),
        ("strength", 0),
        ("halve_every", 0),
        ("hidden", 0),
        ("layers", 1.5),
        ("queue", 0),
        ("per_step", True),
        ("lr", -1),
    ],
)
def test_an_option_that_cannot_be_is_refused(option, value):
    with pytest.raises(InputError, match=rf"terms\.modir\.{option}"):
        MoDIR(SETUP, **{option: value})


def test_one_dataset_alone_is_refused():
    with pytest.raises(InputError, match=r"terms\.modir\.domain=dataset"):
        MoDIR(replace(SETUP, datasets=("faq",)), domain="dataset")
