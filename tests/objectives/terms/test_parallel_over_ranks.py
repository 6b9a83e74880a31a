"""Two real processes with different numbers of versions against one: the same losses and the same gradients."""

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp

from tests.objectives.terms.parallel_rows import IDS, NO_VERSIONS, PARALLEL, ParallelRows, gradients, term

WORLD = 2
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


def on_rank(rank, folder):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=WORLD)
    found = []
    for rows in ROWS.values():
        for name, options in TERMS:
            loss = term(name, **options)(rows.step_on_rank())["loss"]
            found.append((loss.item(), gradients(loss, rows)))
    torch.save(found, folder / f"{rank}.pt")
    dist.destroy_process_group()


@pytest.fixture(scope="module")
def ranks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ranks")
    mp.spawn(on_rank, (folder,), nprocs=WORLD)
    found = [torch.load(folder / f"{rank}.pt", weights_only=True) for rank in range(WORLD)]
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
