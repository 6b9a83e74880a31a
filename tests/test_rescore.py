"""Scoring a TREC run as a person does it."""

import json

import pyarrow.parquet as pq
import pytest

from tests.command import Answer, type_in
from tests.test_config import commands, composed, light

CUT = "[mAP@20,nDCG@10,R@10,R@100,MRR@10]"


def rescore(folder, *arguments: str) -> Answer:
    return type_in("src.rescore", *arguments, f"hydra.run.dir={folder}")


def metrics(folder) -> dict:
    return json.loads((folder / "metrics.json").read_text())


@pytest.mark.slow
@pytest.mark.parametrize(("languages", "setting"), [("[de,en]", "multilingual"), ("[de]", "monolingual")])
def test_an_evaluations_files_have_its_figures(finished_run, tmp_path, languages, setting):
    how = (
        f"checkpoint={finished_run[0]}",
        f"benchmark.languages={languages}",
        f"benchmark.metrics={CUT}",
        "logger=csv",
    )
    answer = type_in("src.evaluate", *how, "save_run=true", f"hydra.run.dir={tmp_path / 'run'}")
    assert answer.status == 0, answer.text
    files = [f"run={tmp_path}/run/run.trec", f"qrels={tmp_path}/run/qrels.trec"]
    answer = rescore(tmp_path / "again", *files, f"metrics={CUT}")
    assert answer.status == 0, answer.text
    ((name, summary),) = metrics(tmp_path / "run").items()
    expected = {key: summary["settings"][setting][key] for key in CUT.strip("[]").split(",")}
    found = metrics(tmp_path / "again")
    assert found["metrics"] == pytest.approx(expected, abs=1e-6), name
    assert 0.001 < expected["R@100"] < 1
    assert (found["missing"], found["depth"]) == (0, 1000)
    kept = pq.read_table(tmp_path / "run" / "per_query.parquet").to_pylist()
    theirs = {row["query"]: row["nDCG@10"] for row in kept if row["setting"] == setting}
    ours = {row["query"]: row["nDCG@10"] for row in pq.read_table(tmp_path / "again" / "per_query.parquet").to_pylist()}
    assert ours == pytest.approx(theirs, abs=1e-6)


@pytest.fixture
def files(tmp_path) -> list[str]:
    (tmp_path / "run.trec").write_text("q Q0 a 1 0.5 other\nq Q0 b 2 0.5 other\nz Q0 b 1 1 other\n")
    (tmp_path / "qrels.trec").write_text("q 0 a 1\nr 0 a 1\ns 0 a 0\n")
    return [f"run={tmp_path}/run.trec", f"qrels={tmp_path}/qrels.trec"]


def test_what_a_person_sees(files, tmp_path):
    answer = rescore(tmp_path / "out", *files, "metrics=[mAP,R@1]")
    assert answer.status == 0, answer.text
    lines = [" ".join(line.split()) for line in answer.out.splitlines()]
    assert lines[1:3] == ["run.trec", "metric mean of 2 queries"]
    assert lines[4:6] == ["mAP 0.2500", "R@1 0.0000"]
    told = " ".join(lines)
    assert "Judged queries without a line in the run: 1. They count 0 (trec_eval -c)." in told
    assert "Judged queries with nothing relevant: 1. Left out; trec_eval counts them 0." in told
    assert "Queries of the run that are not judged: 1. Left out." in told
    assert "Of the run as deep as it is (at most 2 candidates for a query), below it nothing is found: mAP." in told
    assert f"per_query.parquet {tmp_path}/out/per_query.parquet" in told
    assert f"-m src.rescore run=OTHER.trec {files[1]} 'metrics=[mAP,R@1]'" in told
    assert max(map(len, answer.out.split("saved")[0].splitlines())) <= 80
    assert metrics(tmp_path / "out")["metrics"] == {"mAP": 0.25, "R@1": 0}


def test_queries_of_the_run_only(files, tmp_path):
    answer = rescore(tmp_path / "out", *files, "metrics=[mAP]", "complete=false")
    assert "mean of 1 query" in answer.out
    assert "Judged queries without a line in the run: 1. Left out (trec_eval without -c)." in answer.out
    assert metrics(tmp_path / "out")["metrics"] == {"mAP": 0.5}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["run=null"], "run is not given\n  where: run\n  fix:   python -m src.rescore run="),
        (["qrels=nowhere"], "no such file\n  where: qrels=nowhere"),
        (["metrics=[F1]"], "unknown metric 'F1'"),
        (["metrics=nDCG@10"], "metrics must be a list of texts\n  where: metrics"),
        (["metrics=[]"], "no metric"),
        (["complete=maybe"], "complete must be true or false, got 'maybe'"),
        (["run=5"], "run must be a text, got 5"),
    ],
)
def test_what_is_wrong_is_told_in_plain_words(files, tmp_path, more, told):
    kept = [file for file in files if file.split("=")[0] != more[0].split("=")[0]]
    answer = rescore(tmp_path / "out", *kept, *more)
    assert answer.status == 2
    assert told in answer.err
    assert "Traceback" not in answer.text


def test_the_folder_of_a_run_is_not_written_to(files, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "record.json").write_text("{}")
    answer = rescore(tmp_path / "out", *files)
    assert answer.status == 2
    assert "the folder holds a run, whose results would be lost" in answer.err
    assert not (tmp_path / "out" / "metrics.json").exists()


def test_help_is_light_and_shows_commands_that_compose(tmp_path):
    shown = list(commands(light("src.rescore", "--help", cwd=tmp_path)))
    assert len(shown) == 4
    for overrides in shown:
        assert composed("rescore", *overrides).run is not None
