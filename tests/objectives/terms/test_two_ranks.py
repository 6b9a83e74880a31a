"""Two real processes against one, for terms that look at the texts of all ranks."""

from pathlib import Path

import pytest
import torch
from torch.nn.parallel import DistributedDataParallel

from src.objectives.terms.adversarial import Adversarial
from src.objectives.terms.coral import CORAL
from src.objectives.terms.mmd import MMD
from src.objectives.terms.modir import MoDIR
from tests.objectives.terms.made_step import SETUP, made_step, unit
from tests.two_ranks import WORLD, on_two_ranks

ROWS = 8
TERMS = {
    "mmd": lambda: MMD(SETUP, translations=True),
    "coral": lambda: CORAL(SETUP, translations=True, means=True),
    "adversarial": lambda: Adversarial(SETUP, hidden=5),
    "modir": lambda: MoDIR(SETUP, queue=24, per_step=11),
    "nothing to match": lambda: MMD(SETUP, side="passages"),
}
QUERY_LANGUAGES, PASSAGE_LANGUAGES = [0, 1, 1, 2, 0, 2, 0, 1], [1] * ROWS
TRANSLATED = {"queries": ([0, 1, 3, 5], [1, 2, 0, 0]), "passages": ([0, 1, 2], [0, 0, 2])}  # the second rank has 1, 0


class Encodes(torch.nn.Module):
    """A linear encoder and a term; DistributedDataParallel averages gradients of what goes through forward."""

    def __init__(self, term):
        super().__init__()
        self.term = term
        self.encoder = torch.nn.Linear(6, 6, bias=False)
        with torch.no_grad():
            self.encoder.weight.copy_(unit(6, seed=7))

    def forward(self, own, step):
        texts = [self.encoder(unit(ROWS, seed=10 * step + side).detach()[own]) for side in range(2)]
        versions = {side: self._version(own, number, *held) for number, (side, held) in enumerate(TRANSLATED.items())}
        labels = QUERY_LANGUAGES[own], PASSAGE_LANGUAGES[own]
        return self.term(made_step(*texts, *labels, progress=step / 100, versions=versions))

    def _version(self, own, number, rows, languages):
        mine = [i for i, row in enumerate(rows) if own.start <= row < own.stop]
        embeddings = self.encoder(unit(len(rows), seed=100 + number).detach()[mine])
        # a rank without translations has not run the encoder for them: no gradient hangs on what it gives
        embeddings = embeddings if mine else embeddings.detach()
        return [rows[i] - own.start for i in mine], [languages[i] for i in mine], embeddings


def outcome(term, own, world):
    """The averaged gradient of a second step, and what the term reports."""
    module = Encodes(term)
    averaged = DistributedDataParallel(module) if world > 1 else module
    averaged(own, 1)["loss"].backward()
    module.zero_grad()
    figures = averaged(own, 2)
    figures["loss"].backward()
    gradients = {name: parameter.grad.clone() for name, parameter in module.named_parameters()}
    return gradients, {name: value.detach() for name, value in figures.items()}, dict(term.named_buffers())


def on_rank(rank: int, _: Path):
    own = slice(rank * ROWS // WORLD, (rank + 1) * ROWS // WORLD)
    return {name: outcome(make(), own, WORLD) for name, make in TERMS.items()}


@pytest.fixture(scope="module")
def ranks(tmp_path_factory):
    return on_two_ranks(on_rank, tmp_path_factory.mktemp("ranks"))


@pytest.mark.slow
@pytest.mark.parametrize("name", TERMS)
def test_two_ranks_have_the_gradient_and_the_figures_of_one(ranks, name):
    gradients, figures, buffers = outcome(TERMS[name](), slice(0, ROWS), 1)
    for theirs, _, kept in (rank[name] for rank in ranks):
        for parameter, expected in gradients.items():
            torch.testing.assert_close(theirs[parameter], expected, rtol=1e-4, atol=1e-7, msg=parameter)
        for buffer, expected in buffers.items():
            torch.testing.assert_close(kept[buffer], expected, msg=buffer)
    for figure, expected in figures.items():
        mean = sum(rank[name][1][figure] for rank in ranks) / WORLD
        torch.testing.assert_close(mean, expected, msg=figure)


def test_the_cases_say_something():
    for name, make in TERMS.items():
        (encoder, *_) = (g for n, g in outcome(make(), slice(0, ROWS), 1)[0].items() if n.startswith("encoder"))
        assert bool(encoder.any()) == (name != "nothing to match")
