"""What is said of a run as its training starts."""

import pytest

from src.training.announce import negatives_told, unvalidated
from tests.command import SMALL, type_in


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((64, 0, "both"), "63 in-batch"),
        ((64, 2, "both"), "191 (63 in-batch and 128 explicit)"),
        ((64, 2, "in_batch"), "63 in-batch"),
        ((64, 2, "explicit"), "128 explicit"),
        ((1, 0, "both"), "0"),
    ],
)
def test_negatives_are_those_of_all_pairs(given, told):
    assert negatives_told(*given) == f"negatives a query: {told}"


def test_accumulation_names_what_it_loses_and_what_would_not():
    told = negatives_told(64, 1, "both", accumulate=2, ranks=4)
    assert told.startswith("negatives a query: 63 (31 in-batch and 32 explicit); 127 (63 in-batch and 64 explicit)")
    assert "gradient_cache=8 in its place keeps them all" in told


@pytest.mark.parametrize(
    ("steps", "every", "lost"), [(200, 100, ""), (150, 100, "the last 50 of 150 steps"), (7, 7, "")]
)
def test_weights_that_cannot_be_chosen_are_told(steps, every, lost):
    told = unvalidated(steps, every)
    assert told.startswith(lost)
    assert bool(told) == bool(lost)


def test_the_log_says_what_a_batch_holds(tmp_path, cache_dir):
    words = ("sampler=hybrid", "sampler.alpha=0.25", "objective=matryoshka", "trainer.accumulate_grad_batches=4")
    where = (f"hydra.run.dir={tmp_path / 'run'}", f"cache_dir={cache_dir}")
    answer = type_in("src.train", *SMALL, "logger=csv", *words, "model.hidden_size=64", *where)
    assert answer.status == 0, answer.text
    told = " ".join(answer.err.split())
    assert "a batch: one language for all questions and passages (25% of the batches); question and passage" in told
    assert "negatives a query: 3 in-batch; 15 in-batch without accumulation" in told
    assert "gradient_cache=4 in its place" in told
    assert "are not validated" not in told


def test_the_log_says_which_steps_are_not_validated(tmp_path, cache_dir):
    more = ("max_steps=3", "callbacks.validation.every_n_steps=2", "logger=csv")
    answer = type_in("src.train", *SMALL, *more, f"hydra.run.dir={tmp_path / 'run'}", f"cache_dir={cache_dir}")
    assert "the last 1 of 3 steps are not validated" in " ".join(answer.err.split())
