import json
from pathlib import Path

import pytest

from src.comparing.comparability import cautions
from src.comparing.comparing import compare_runs
from src.comparing.encoders import join
from src.comparing.grouping import group_runs
from src.comparing.interval import Bootstrap
from src.comparing.runs import Run, find_runs
from src.reporting.folder import write_config, write_json
from src.reporting.results import write_per_query
from tests.written_runs import make_evaluation, make_run

SAMPLERS = ("hybrid", "monolingual")


def train(folder: Path, choice: str, seed: int, **more) -> Path:
    run = make_run(
        folder / "trained" / f"{choice}-{seed}",
        seed=seed,
        sampler={"_target_": choice},
        choice=choice,
        evaluations=[make_evaluation()],
        **more,
    )
    (run / "encoder").mkdir()
    (run / "checkpoints").mkdir()
    for name in ("best-step=4.ckpt", "last.ckpt"):
        (run / "checkpoints" / name).write_bytes(b"")
    record = json.loads((run / "record.json").read_text())
    write_json(run / "record.json", {**record, "checkpoint": {"file": str(run / "checkpoints" / "best-step=4.ckpt")}})
    return run


def evaluate(folder: Path, checkpoint: Path | str, benchmark: str = "shop", score: float = 0.5, **settings) -> Path:
    """A run of src.evaluate as it leaves its folder: its own seed says nothing."""
    scored = make_evaluation(lambda *_: score, name=benchmark)
    config = {"checkpoint": str(checkpoint), "model": None, "benchmark": {"_target_": benchmark}, "seed": 1}
    config |= {"device": "auto", "precision": None, "run_dir": str(folder), **settings}
    choices = {"model": "None", "benchmark": benchmark, "logger": "csv"}
    folder.mkdir(parents=True)
    model = {"name": "tiny", "checkpoint": str(checkpoint)}
    record = {"status": "finished", "choices": choices, "folder": str(folder), "start": "1", "model": model}
    write_json(folder / "record.json", record)
    write_config(folder, config)
    write_json(folder / "metrics.json", {benchmark: scored.summary})
    write_per_query(folder, [scored])
    return folder


def grouped(*folders: Path) -> dict[str, list]:
    return {group.label: [run.seed for run in group.runs] for group in group_runs(find_runs(folders)[0]).groups}


@pytest.mark.parametrize("part", ["", "encoder", "checkpoints/best-step=4.ckpt"])
def test_evaluations_are_grouped_by_what_trained_them(tmp_path: Path, part: str):
    for choice in SAMPLERS:
        for seed in (1, 2, 3):
            evaluate(tmp_path / "evaluated" / f"{choice}{seed}", train(tmp_path, choice, seed) / part)
    expected = {"sampler=hybrid": [1, 2, 3], "sampler=monolingual": [1, 2, 3]}
    assert grouped(tmp_path / "evaluated") == expected


def test_what_is_asked_of_the_evaluation_still_tells_apart(tmp_path: Path):
    run = train(tmp_path, "hybrid", 1)
    evaluate(tmp_path / "evaluated" / "a", run)
    evaluate(tmp_path / "evaluated" / "b", run, benchmark="news")
    evaluate(tmp_path / "evaluated" / "c", run, precision="bf16", device="cuda")
    evaluate(tmp_path / "evaluated" / "d", run / "checkpoints" / "last.ckpt")
    labels = grouped(tmp_path / "evaluated")
    assert len(labels) == 4
    assert {"benchmark=shop precision=bf16", "benchmark=news", "benchmark=shop checkpoint=last.ckpt"} <= labels.keys()


def test_debiasing_fitted_by_an_evaluation_tells_its_results_apart(tmp_path: Path):
    """Each alone in a comparison, and each an encoder of its own, whatever it was scored on."""
    run = train(tmp_path, "hybrid", 1)
    for name, choice in (("plain", None), ("center", "center"), ("lir", "lir")):
        for benchmark in ("shop", "news"):
            given = {} if choice is None else {"debias": {"_target_": f"of.{choice}", "texts": "t", "seed": 1}}
            folder = evaluate(tmp_path / "evaluated" / f"{name}-{benchmark}", run, benchmark, **given)
            record = json.loads((folder / "record.json").read_text())
            record["choices"] |= {} if choice is None else {"debias": choice}
            write_json(folder / "record.json", record)
    runs = find_runs([tmp_path / "evaluated"])[0]
    labels, chosen = {group.label for group in group_runs(runs).groups}, ("null", "center", "lir")
    assert labels == {f"benchmark={name} debias={choice}" for name in ("shop", "news") for choice in chosen}
    encoders = join(runs)
    assert [set(encoder.of) for encoder in encoders] == [{"shop", "news"}] * 3
    assert {f"debias={choice}" for choice in chosen} == {group.label for group in group_runs(encoders).groups}


def test_a_training_run_stands_beside_its_evaluation(tmp_path: Path):
    for choice in SAMPLERS:
        for seed in (1, 2):
            evaluate(tmp_path / "evaluated" / f"{choice}{seed}", train(tmp_path, choice, seed))
    grouping = group_runs(find_runs([tmp_path])[0])
    assert [group.label for group in grouping.groups] == [
        "sampler=hybrid",
        "sampler=hybrid benchmark=shop",
        "sampler=monolingual",
        "sampler=monolingual benchmark=shop",
    ]
    assert grouping.labels.confounded == {}


def test_where_the_training_run_is_gone_the_path_tells(tmp_path: Path):
    for name in "ab":
        evaluate(tmp_path / name, f"outputs/gone-{name}")
    assert grouped(tmp_path) == {"checkpoint=outputs/gone-a": [1], "checkpoint=outputs/gone-b": [1]}


def test_a_torn_record_is_as_good_as_none(tmp_path: Path):
    run = train(tmp_path, "hybrid", 7)
    evaluate(tmp_path / "evaluated", run)
    (run / "record.json").write_text("{")
    ((evaluation,), _) = find_runs([tmp_path / "evaluated"])
    assert (evaluation.trained, evaluation.seed) == (None, 1)


def test_a_relative_checkpoint_is_found_from_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    train(tmp_path / "project", "hybrid", 7)
    evaluate(tmp_path / "project" / "outputs" / "x", "trained/hybrid-7")
    monkeypatch.chdir("/")
    ((evaluation,), _) = find_runs([tmp_path / "project" / "outputs"])
    assert evaluation.seed == 7


def test_data_and_steps_are_those_of_the_training(tmp_path: Path):
    for choice, steps in zip(SAMPLERS, (100, 200), strict=True):
        evaluate(tmp_path / "evaluated" / choice, train(tmp_path, choice, 1, steps=steps))
    notes = cautions(group_runs(find_runs([tmp_path / "evaluated"])[0]).groups)
    assert notes[0] == "Not the same steps in all runs: 100 in sampler=hybrid; 200 in sampler=monolingual."


def test_each_benchmark_has_its_own_baseline(tmp_path: Path):
    for choice, score in zip(SAMPLERS, (0.6, 0.5), strict=True):
        run = train(tmp_path, choice, 1)
        for benchmark in ("shop", "news"):
            evaluate(tmp_path / "evaluated" / f"{choice}-{benchmark}", run, benchmark=benchmark, score=score)
    for asked in (None, "monolingual"):
        rows = compare_runs([tmp_path / "evaluated"], Bootstrap(resamples=20), baseline=asked).rows
        found = {(row.benchmark, row.against.difference) for row in rows if row.against and row.metric == "mAP"}
        assert {name: pytest.approx(0.1) for name in ("shop", "news")} == dict(found)


def test_an_untrained_encoder_is_named_by_its_model():
    def run(choices, **config):
        return Run(Path("/out") / str(choices), {"seed": 1, **config}, {"choices": choices}, {})

    runs = [
        run({"sampler": choice, "model": "tiny"}, sampler={"_target_": choice}, model={"name": "tiny"})
        for choice in SAMPLERS
    ]
    runs.append(run({"model": "labse"}, model={"name": "labse"}))
    labels = [group.label for group in group_runs(runs).groups]
    assert labels == ["model=labse", "sampler=hybrid model=tiny", "sampler=monolingual model=tiny"]
