"""Two real processes with different numbers of versions against one: the same losses and the same gradients."""

import pytest
import torch

from tests.objectives.terms.parallel_rows import IDS, NO_VERSIONS, PARALLEL, ParallelRows, gradients, term
from tests.two_ranks import WORLD, on_two_ranks

TERMS = [
    ("variance", {"explicit_negatives": True}),
    ("alignment", {"side": "both"}),
    ("lakda", {}),
    ("semantic_language", {"side": "both"}),
]
ROWS = {
    "uneven": PARALLEL,  # rank 0 has 2 of 4 queries' versions and 1 of 3 passages'
    "one rank has none": ParallelRows(*IDS, query_rows=[5, 3], passage_rows=[0], seed=6),
    "no rank has any": NO_VERSIONS,
}


def on_rank(*_):
    found = []
    for rows in ROWS.values():
        for name, options in TERMS:
            loss = term(name, **options)(rows.step_on_rank())["loss"]
            found.append((loss.item(), gradients(loss, rows)))
    return found


@pytest.fixture(scope="module")
def ranks(tmp_path_factory):
    found = on_two_ranks(on_rank, tmp_path_factory.mktemp("ranks"))
    cases = [(rows, name) for rows in ROWS for name, _ in TERMS]
    return {case: [each[k] for each in found] for k, case in enumerate(cases)}


@pytest.mark.slow
@pytest.mark.parametrize("batch", ROWS)
@pytest.mark.parametrize(("name", "options"), TERMS)
def test_two_ranks_average_to_one(ranks, batch, name, options):
    rows = ROWS[batch]
    expected = term(name, **options)(rows.step())["loss"]
    found = ranks[batch, name]
    assert sum(loss for loss, _ in found) / WORLD == pytest.approx(expected.item(), rel=1e-5, abs=1e-7)
    averaged = [sum(parts) / WORLD for parts in zip(*(each for _, each in found), strict=True)]
    for ours, theirs in zip(averaged, gradients(expected, rows), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-6)
