"""Sharded training on two real processes (gloo, on the CPU) against whole weights."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from omegaconf import OmegaConf
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import DTensor

from src.data.batch import PairBatch
from src.data.datamodule import PlannedBatches, Share
from src.errors import InputError
from src.objectives.infonce import InfoNCE
from src.objectives.total import TotalLoss
from src.training.evened import reached
from src.training.module import Retriever
from src.training.optimizer import AdamW
from src.training.sharding import ShardedStrategy, chosen_strategy
from tests.command import SMALL, type_in
from tests.distributed.test_torchrun import CPU, check_same, check_written_once, only_run, start
from tests.distributed.test_train_ddp import start as run
from tests.toy import RoundRobin, toy_collator, toy_data, toy_encoder
from tests.two_ranks import WORLD, on_two_ranks

CASES = [(0, None), (1, None), (2, None), (2, 3)]  # explicit negatives a row, texts encoded at a time
OFTEN = "callbacks.checkpoint.every_n_steps=2"
FSDP = ("trainer=fsdp", "trainer.devices=2", *CPU)


def build(folder: Path, rank: int, world: int, negatives: int, most: int | None) -> tuple[Retriever, PairBatch]:
    data = toy_data(folder / "data", negatives=negatives)
    encoder = toy_encoder(data)
    encoder.gradient_cache = most is not None
    losses = TotalLoss(InfoNCE(temperature=0.1, learn_temperature=True))
    module = Retriever(encoder, losses, AdamW(lr=1e-3), hard_negatives=negatives > 0)
    collate = replace(toy_collator(data, encoder, folder / "cache", data.train, negatives), most=most)
    return module, PlannedBatches(RoundRobin(data.train, 8), collate, Share(8, 1, world, rank), 2)[1]


def sharded_gradients(folder: Path, rank: int, negatives: int, most: int | None) -> dict[str, torch.Tensor]:
    """Of a step in which rank one has cut its texts otherwise, and has no explicit negatives to encode."""
    module, batch = build(folder, rank, WORLD, negatives, most if rank == 0 else most and 1)
    if rank == 1 and negatives == 1:
        batch.negatives, batch.negative_ids = None, batch.negative_ids[:0]
    strategy = ShardedStrategy()
    strategy._device_mesh = init_device_mesh("cpu", (WORLD,), mesh_dim_names=("data_parallel",))
    strategy.shard(module)
    module._embedded = []
    module.loss = lambda batch: reached(module.losses.objective(module._gathered(batch))["loss"], module._embedded)
    strategy._forward_redirection(module, module, "loss", batch).backward()
    assert all(isinstance(parameter, DTensor) for parameter in module.parameters())
    return {name: parameter.grad.full_tensor() for name, parameter in module.named_parameters()}


def on_rank(rank: int, folder: Path):
    return [sharded_gradients(folder / f"{rank}-{n}", rank, *case) for n, case in enumerate(CASES)]


@pytest.fixture(scope="module")
def gradients(tmp_path_factory):
    return on_two_ranks(on_rank, tmp_path_factory.mktemp("sharded"))


@pytest.mark.slow
@pytest.mark.parametrize("case", range(len(CASES)))
def test_shares_of_the_weights_get_the_gradient_of_one_process(tmp_path, gradients, case):
    negatives, most = CASES[case]
    module, batch = build(tmp_path, 0, 1, negatives, most)
    if negatives == 1:  # those of rank one's rows were left out
        module.losses.objective(module._alone(without_negatives_of_rank_one(batch)))["loss"].backward()
    else:
        module.losses.objective(module._gathered(batch))["loss"].backward()
    for found in gradients:
        for name, parameter in module.named_parameters():
            torch.testing.assert_close(found[case][name], parameter.grad, rtol=1e-4, atol=1e-6, msg=name)


def without_negatives_of_rank_one(batch: PairBatch) -> PairBatch:
    """The first half of the negatives, which are those of the first half of the rows."""
    kept = len(batch.negative_ids) // 2
    return replace(
        batch,
        negatives=replace(batch.negatives, restore=batch.negatives.restore[:kept]),
        negative_ids=batch.negative_ids[:kept],
    )


@pytest.fixture(scope="module")
def sharded_run(tmp_path_factory, cache_dir):
    """A run's folder, and what it said."""
    folder = tmp_path_factory.mktemp("fsdp") / "run"
    done = run(*SMALL, *FSDP, OFTEN, f"cache_dir={cache_dir}", f"hydra.run.dir={folder}")
    assert done.returncode == 0, done.stderr[-3000:]
    return folder, done.stderr


@pytest.mark.slow
def test_a_sharded_run_is_the_run_of_one_process(finished_run, sharded_run):
    check_written_once(*sharded_run)
    check_same(finished_run[0], sharded_run[0])
    check_same_checkpoint(finished_run[0], sharded_run[0])


@pytest.mark.slow
def test_one_process_goes_on_from_a_sharded_runs_checkpoint(tmp_path, finished_run, sharded_run, cache_dir):
    more = (halfway(sharded_run[0]), OFTEN, "logger=csv", f"cache_dir={cache_dir}")
    answer = type_in("src.train", *SMALL, *more, f"hydra.run.dir={tmp_path}")
    assert answer.status == 0, answer.text
    assert "last-1.ckpt, step 2" in answer.err
    check_same(finished_run[0], tmp_path)


@pytest.mark.slow
def test_a_sharded_run_under_torchrun_goes_on_from_a_checkpoint(tmp_path, finished_run, sharded_run, cache_dir):
    more = (halfway(sharded_run[0]), OFTEN, "trainer.strategy=fsdp", f"cache_dir={cache_dir}")
    process = start(tmp_path, *more)
    said = process.communicate(timeout=600)[0]
    assert process.returncode == 0, said[-3000:]
    check_same(finished_run[0], only_run(tmp_path))


def halfway(run: Path) -> str:
    return f"trainer.resume={run / 'checkpoints' / 'last-1.ckpt'}"


def check_same_checkpoint(one: Path, two: Path) -> None:
    """Names, shapes, parameter groups and the optimizer's state."""
    held, same = (torch.load(each / "checkpoints" / "last.ckpt", weights_only=True) for each in (one, two))
    assert held.keys() == same.keys()
    assert held["state_dict"].keys() == same["state_dict"].keys()
    first, second = held["optimizer_states"][0], same["optimizer_states"][0]
    for mine, theirs in zip(first["param_groups"], second["param_groups"], strict=True):
        assert {**mine, **theirs} == mine
    assert first["state"].keys() == second["state"].keys()
    for number, state in first["state"].items():
        for name, expected in state.items():
            torch.testing.assert_close(second["state"][number][name], expected, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"trainer": {"precision": "16-mixed"}}, "sharded training has no precision 16-mixed"),
        ({"trainer": {"precision": "32-true"}, "model": {"compile": True}}, "a compiled model is not sharded"),
    ],
)
def test_what_sharding_excludes_is_refused(options, message):
    config = OmegaConf.merge({"trainer": {"strategy": "fsdp"}}, options)
    with pytest.raises(InputError, match=message):
        chosen_strategy(config)


def test_other_strategies_are_lightnings():
    assert chosen_strategy(OmegaConf.create({"trainer": {"strategy": "ddp"}})) == "ddp"
