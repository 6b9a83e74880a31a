"""However many processes train on a global batch, and in however many pieces: the same batches, curve and weights."""

import csv
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.command import SMALL, type_in
from tests.distributed.test_train_ddp import TWO_RANKS, start

STEPS = 12
EVERY_STEP = (f"max_steps={STEPS}", "trainer.log_every_n_steps=1", "callbacks.validation.every_n_steps=4")
WHOLE = ("sampler=hybrid", "model.dropout=0", "logger=csv", *SMALL, *EVERY_STEP)
FEWER = "callbacks.validation.max_batches=1"
CACHED = "gradient_cache=3"  # divides neither the batch nor a rank's share
COUNTERS = ("step", "epoch")
MODES = {"two ranks": TWO_RANKS, "cached": (CACHED,), "two ranks, cached": (*TWO_RANKS, CACHED)}


def own_data(folder: Path) -> tuple[str, ...]:
    """A dataset whose concepts have different numbers of hard negatives, some none."""
    lines = [
        {
            "id": f"{number}",
            "language": code,
            "question": f"{code} who is number {number}?",
            "passage": f"{code} number {number} is " + "very " * (number % 7) + "well known",
            "negatives": [f"{code} nobody {number} {other}" for other in range(number % 4)],
        }
        for number in range(60)
        for code in ("de", "en")
    ]
    folder.mkdir()
    (folder / "all.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return ("dataset=jsonl", f"dataset.folder={folder}", "negatives=2")


def train(folder: Path, cache: Path, *words: str) -> Path:
    command = [*WHOLE, f"hydra.run.dir={folder}", f"cache_dir={cache}", *words]
    if set(TWO_RANKS) <= set(words):
        done = start(*command)
        assert done.returncode == 0, done.stderr[-3000:]
    else:
        answer = type_in("src.train", *command)
        assert answer.status == 0, answer.text
    return folder


def read(folder: Path) -> dict:
    return json.loads((folder / "record.json").read_text())


def curves(folder: Path) -> dict[str, list[float]]:
    """Each metric in the order of its steps; nothing is logged twice."""
    with (folder / "csv" / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    told = [(name, row["step"]) for row in rows for name in row if name not in COUNTERS and row[name]]
    assert len(set(told)) == len(told)
    return {name: [float(row[name]) for row in rows if row[name]] for name in rows[0] if name not in COUNTERS}


def assert_same(folder: Path, expected: Path) -> None:
    weights, whole = (load_file(each / "encoder" / "model.safetensors") for each in (folder, expected))
    for name, value in whole.items():
        torch.testing.assert_close(weights[name], value, rtol=0, atol=1e-4, msg=name)
    found, wanted = curves(folder), curves(expected)
    assert found.keys() == wanted.keys()
    assert len(found["train/loss"]) == STEPS
    for name in found.keys() - {"train/seconds"}:
        tolerance = {"rel": 0, "abs": 1e-5} if "loss" in name else {"rel": 1e-4, "abs": 1e-5}
        assert found[name] == pytest.approx(wanted[name], **tolerance), name


def assert_same_batches(folder: Path, expected: Path) -> None:
    """The same rows at the same steps and places, of what was planned and of what the ranks say they saw."""
    records = [read(each) for each in (folder, expected)]
    digests = {record[section]["digest"] for record in records for section in ("plan", "training")}
    assert len(digests) == 1
    languages, same = (record["training"]["realised_language_pairs"] for record in records)
    assert languages == same
    assert sum(same.values()) == STEPS * 16


@pytest.mark.slow
@pytest.mark.parametrize("case", ["plain", "negatives, both directions, a term"])
def test_processes_and_pieces_change_neither_batches_nor_curve_nor_weights(tmp_path, cache_dir, case):
    words: tuple[str, ...] = ()
    if case != "plain":
        words = (*own_data(tmp_path / "data"), "objective.symmetric=true", "terms=[alignment]")
    whole = train(tmp_path / "whole", cache_dir, *words)
    for name, mode in MODES.items():
        other = train(tmp_path / name.replace(", ", "-").replace(" ", "-"), cache_dir, *words, *mode)
        assert_same_batches(other, whole)
        assert_same(other, whole)
        assert read(other)["training"]["negatives_per_query"] == read(whole)["training"]["negatives_per_query"]
    assert read(other)["hardware"]["devices"] == 2


@pytest.mark.slow
def test_a_rank_without_a_held_out_batch_changes_no_validation(tmp_path, cache_dir):
    one, two = (train(tmp_path / str(len(ranks)), cache_dir, FEWER, *ranks) for ranks in ((), TWO_RANKS))
    assert_same(two, one)


def test_accumulation_sees_the_same_batches_with_fewer_negatives_and_says_so(tmp_path, cache_dir):
    whole = train(tmp_path / "whole", cache_dir)
    halves = train(tmp_path / "halves", cache_dir, "trainer.accumulate_grad_batches=2")
    assert_same_batches(halves, whole)
    assert [read(each)["training"]["negatives_per_query"] for each in (whole, halves)] == [15, 7]


def test_another_order_of_the_same_rows_is_another_digest(tmp_path, cache_dir):
    digests = {
        read(train(tmp_path / f"{seed}", cache_dir, f"seed={seed}", "max_steps=1"))["plan"]["digest"] for seed in (1, 2)
    }
    assert len(digests) == 2
