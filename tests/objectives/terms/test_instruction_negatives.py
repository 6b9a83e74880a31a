import math

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf

from src.errors import InputError
from src.objectives.contrast import build_contrast
from src.objectives.gather import gather_embeddings, gather_ids
from src.objectives.step import Step, Versions
from src.objectives.terms.instruction_negatives import InstructionNegatives
from tests.command import ROOT
from tests.objectives.terms.made_step import SETUP, unit
from tests.two_ranks import on_two_ranks

QUESTIONS = torch.tensor([1, 2, 3, 4, 2, 6])  # rows 1 and 4 share a question, rows 0 and 3 a passage
PASSAGES = torch.tensor([11, 12, 13, 11, 15, 16])
DATASETS = torch.tensor([0, 0, 1, 0, 0, 1])
INSTRUCTED = [0, 1, 2, 4]  # rows that have a version under another instruction


class Batch:
    """Embeddings of six rows and of four queries under another instruction."""

    def __init__(self, instructed=INSTRUCTED):
        self.queries, self.passages = unit(6, seed=1), unit(6, seed=2)
        self.instructed = instructed
        self.others = unit(max(1, len(instructed)), seed=3)

    @property
    def embeddings(self):
        return [self.queries, self.passages, self.others]

    def step(self, start=0, stop=6, gather=False):
        own = slice(start, stop)
        sizes = [stop - start] * (6 // (stop - start))
        queries, passages = self.queries[own], self.passages[own]
        contrast = build_contrast(
            queries=queries,
            passages=passages,
            all_queries=gather_embeddings(queries, sizes) if gather else self.queries,
            all_passages=gather_embeddings(passages, sizes) if gather else self.passages,
            all_negatives=passages[:0],
            question_ids=gather_ids(QUESTIONS[own], sizes) if gather else QUESTIONS,
            passage_ids=gather_ids(PASSAGES[own], sizes) if gather else PASSAGES,
            negative_ids=PASSAGES[:0],
            offset=start,
        )
        held = [place for place, row in enumerate(self.instructed) if start <= row < stop]
        rows = torch.tensor([self.instructed[place] - start for place in held], dtype=torch.long)
        versions = Versions(rows, torch.zeros_like(rows), self.others[held])
        language = torch.zeros(stop - start, dtype=torch.long)
        return Step(contrast, language, language, DATASETS[own], 0.0, other_instruction=versions)


def reference(batch, temperature, in_batch):
    """Loops over rows and sets of ids, in double precision."""
    queries, passages, others = (each.double() for each in batch.embeddings)
    known = set(zip(QUESTIONS.tolist(), PASSAGES.tolist(), strict=True))
    losses = []
    for place, i in enumerate(batch.instructed):
        own = torch.exp(passages[i] @ queries[i] / temperature)
        total = own + torch.exp(passages[i] @ others[place] / temperature)
        for j in range(6) if in_batch else ():
            asks = (QUESTIONS[j].item(), PASSAGES[i].item()) in known
            if j != i and DATASETS[j] == DATASETS[i] and not asks:
                total = total + torch.exp(passages[i] @ queries[j] / temperature)
        losses.append(-torch.log(own / total))
    return sum(losses) / len(losses)


def gradients(loss, batch):
    return torch.autograd.grad(loss, batch.embeddings, materialize_grads=True)


@pytest.mark.parametrize("in_batch", [True, False])
@pytest.mark.parametrize("temperature", [0.05, 1.0])
def test_loss_and_gradient_equal_the_formula(temperature, in_batch):
    batch = Batch()
    terms = InstructionNegatives(SETUP, temperature, in_batch)(batch.step())
    expected = reference(batch, temperature, in_batch)
    torch.testing.assert_close(terms["loss"].double(), expected, rtol=1e-5, atol=1e-6)
    for ours, theirs in zip(gradients(terms["loss"], batch), gradients(expected, batch), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_equal_embeddings_leave_one_of_two():
    """Where the other instruction changes nothing, the loss is log 2."""
    batch = Batch()
    with torch.no_grad():
        batch.others.copy_(batch.queries[INSTRUCTED])
    terms = InstructionNegatives(SETUP, 0.05, in_batch=False)(batch.step())
    assert terms["loss"].item() == pytest.approx(math.log(2), abs=1e-5)


def test_it_vanishes_and_is_followed_where_the_other_instruction_is_far_off():
    batch = Batch()
    with torch.no_grad():
        batch.queries.copy_(batch.passages)
        batch.others.copy_(-batch.passages[INSTRUCTED])
    terms = InstructionNegatives(SETUP, 0.05, in_batch=False)(batch.step())
    assert terms["loss"].item() == pytest.approx(0, abs=1e-6)
    assert terms["followed"].item() == 1
    assert not terms["followed"].requires_grad


def test_a_batch_without_instructed_rows_adds_nothing_but_keeps_its_graph():
    batch = Batch([])
    terms = InstructionNegatives(SETUP)(batch.step())
    assert (terms["loss"].item(), terms["followed"].item()) == (0, 0)
    assert all((gradient == 0).all() for gradient in gradients(terms["loss"], batch))


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="above 0"):
        InstructionNegatives(SETUP, temperature=0.0)
    step = Batch().step()
    step.other_instruction = None
    with pytest.raises(InputError, match="no instructions"):
        InstructionNegatives(SETUP)(step)


def test_the_configuration_makes_it():
    config = OmegaConf.load(ROOT / "conf/terms/instruction_negatives.yaml")
    config.temperature = 0.1
    del config["weight"]
    term = instantiate(config)(setup=SETUP)
    assert term.other_instruction
    assert term.scale.item() == pytest.approx(10)


UNEVEN = [INSTRUCTED, [4], []]  # rank 0 has 3 of 4 such rows; none of one; none of none


def on_rank(rank, _):
    found = []
    for instructed in UNEVEN:
        batch = Batch(instructed)
        loss = InstructionNegatives(SETUP)(batch.step(3 * rank, 3 * rank + 3, gather=True))["loss"]
        found.append((loss.item(), gradients(loss, batch)))
    return found


@pytest.mark.slow
def test_two_ranks_average_to_one(tmp_path):
    ranks = on_two_ranks(on_rank, tmp_path)
    for case, instructed in enumerate(UNEVEN):
        batch = Batch(instructed)
        expected = InstructionNegatives(SETUP)(batch.step())["loss"]
        assert sum(found[case][0] for found in ranks) / 2 == pytest.approx(expected.item(), rel=1e-5, abs=1e-7)
        averaged = [sum(parts) / 2 for parts in zip(*(found[case][1] for found in ranks), strict=True)]
        for ours, theirs in zip(averaged, gradients(expected, batch), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-6)
