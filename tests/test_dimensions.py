"""Evaluation at several sizes of the embeddings, as a person asks for it."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from src.job import optimized
from tests.command import SMALL, Answer, type_in

BENCHMARK = "cldr_facts[de,en]"
CUT = f"{BENCHMARK}@8"


@pytest.fixture(scope="module")
def cut_run(cache_dir, tmp_path_factory) -> tuple[Path, Answer]:
    """A run trained for two sizes of its embeddings, the whole of 16 among them."""
    folder = tmp_path_factory.mktemp("matryoshka") / "run"
    answer = train(folder, cache_dir, "objective=matryoshka", "objective.dims=[16,8]", "objective.smallest=4")
    assert answer.status == 0, answer.text
    return folder, answer


def train(folder: Path, cache_dir: Path, *more: str) -> Answer:
    return type_in("src.train", *SMALL, "logger=csv", f"hydra.run.dir={folder}", f"cache_dir={cache_dir}", *more)


def evaluate(folder: Path, *more: str) -> Answer:
    return type_in("src.evaluate", "benchmark.languages=[de,en]", "logger=csv", f"hydra.run.dir={folder}", *more)


def read(path: Path) -> dict:
    return json.loads(path.read_text())


def test_a_matryoshka_run_is_scored_at_each_of_its_sizes(cut_run):
    folder, answer = cut_run
    metrics = read(folder / "metrics.json")
    assert list(metrics) == [BENCHMARK, CUT]
    assert (metrics[CUT]["dimension"], metrics[CUT]["cut_from"]) == (8, {"name": BENCHMARK, "dimension": 16})
    assert metrics[CUT]["settings"] != metrics[BENCHMARK]["settings"]
    assert read(folder / "record.json")["model"]["matryoshka_dimensions"] == [16, 8]
    assert set(pq.read_table(folder / "per_query.parquet")["benchmark"].to_pylist()) == {BENCHMARK, CUT}
    assert (folder / "heatmap.png").is_file()
    lines = answer.out[answer.out.index("by size of the embeddings") :].splitlines()
    shown = {line.split()[0]: line.split()[1:] for line in lines[3:5]}
    for size, summary in {"16": metrics[BENCHMARK], "8": metrics[CUT]}.items():
        means = [f"{each['mAP']:.3f}" for each in summary["settings"].values()]
        assert shown[size] == [*means, f"{summary['bias']['rank_distance']:.1f}"]


@pytest.mark.parametrize(
    ("part", "more"),
    [
        ("", []),
        ("checkpoints/best-step=4.ckpt", []),
        ("", ["dimensions=[8]"]),
        ("encoder", ["encoding.on_disk_from=1", "encoding.shard=4000"]),
    ],
)
def test_an_evaluation_of_it_knows_its_sizes(cut_run, cache_dir, tmp_path, part, more):
    answer = evaluate(tmp_path, f"checkpoint='{cut_run[0] / part}'", f"cache_dir={tmp_path}/cache", *more)
    assert answer.status == 0, answer.text
    assert read(tmp_path / "metrics.json") == read(cut_run[0] / "metrics.json")
    assert read(tmp_path / "record.json")["model"]["matryoshka_dimensions"] == [16, 8]


def test_any_encoder_is_cut_where_sizes_are_given_and_none_where_there_are_none(finished_run, cut_run, tmp_path):
    plain = read(finished_run[0] / "metrics.json")
    assert list(plain) == [BENCHMARK]
    assert "matryoshka_dimensions" not in read(finished_run[0] / "encoder" / "encoder.json")
    answer = evaluate(tmp_path / "plain", f"checkpoint={finished_run[0]}", "dimensions=[4,8]")
    assert answer.status == 0, answer.text
    metrics = read(tmp_path / "plain" / "metrics.json")
    assert list(metrics) == [BENCHMARK, CUT, f"{BENCHMARK}@4"]
    assert metrics[BENCHMARK] == plain[BENCHMARK]
    answer = evaluate(tmp_path / "whole", f"checkpoint={cut_run[0]}", "dimensions=[]")
    assert answer.status == 0, answer.text
    assert list(read(tmp_path / "whole" / "metrics.json")) == [BENCHMARK]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("[17]", "the embeddings have 16 dimensions, 17 are asked for\n  where: dimensions"),
        ("[8,8]", "different whole numbers from 1 on, got [8, 8]\n  where: dimensions"),
        ("[0]", "where: dimensions"),
        ("8", "sizes must be a list"),
    ],
)
def test_bad_sizes_are_told_before_anything_is_encoded(finished_run, cache_dir, tmp_path, given, told):
    answers = [
        evaluate(tmp_path / "evaluated", f"checkpoint={finished_run[0]}", f"dimensions={given}"),
        train(tmp_path / "trained", cache_dir, f"dimensions={given}"),
    ]
    for answer in answers:
        assert answer.status == 2, answer.text
        assert told in answer.err
        assert "Traceback" not in answer.text
    assert not (tmp_path / "trained" / "checkpoints").exists()


def test_runs_are_compared_at_one_size(cut_run, finished_run, tmp_path):
    folders = [str(cut_run[0]), str(finished_run[0]), f"output={tmp_path}", "figures=false"]
    answer = type_in("src.compare", *folders, "dimension=8")
    assert answer.status == 0, answer.text
    assert f"{CUT} · mAP" in answer.out
    assert "Left out, not scored at 8 dimensions" in " ".join(answer.out.split())
    answer = type_in("src.compare", *folders)
    assert answer.status == 0, answer.text
    assert CUT not in answer.out
    assert "objective=matryoshka" in answer.out


def test_a_sweeper_is_told_of_the_whole_embedding(cut_run):
    metrics = read(cut_run[0] / "metrics.json")
    assert optimized(metrics, "multilingual/mAP") == metrics[BENCHMARK]["settings"]["multilingual"]["mAP"]
