"""Scoring a trained run, or any encoder untrained, as a person does it."""

import json
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import pytrec_eval
import torch

from tests.command import ENVIRONMENT, ROOT, Answer, type_in
from tests.encoder.checkpoints import write_bert
from tests.reporting.wandb_file import read_wandb

BENCHMARK = "cldr_facts[de,en]"


def evaluate(folder: Path, *more: str) -> Answer:
    return type_in("src.evaluate", "benchmark.languages=[de,en]", "logger=csv", f"hydra.run.dir={folder}", *more)


def metrics(folder: Path) -> dict:
    return json.loads((folder / "metrics.json").read_text())


def record(folder: Path) -> dict:
    return json.loads((folder / "record.json").read_text())


@pytest.mark.parametrize("part", ["", "encoder", "checkpoints/best-step=4.ckpt"])
def test_a_run_an_encoder_folder_and_a_checkpoint_score_as_the_run_did(finished_run, tmp_path, part):
    run = finished_run[0] / part
    answer = evaluate(tmp_path, f"checkpoint='{run}'")
    assert answer.status == 0, answer.text
    assert metrics(tmp_path) == metrics(finished_run[0])
    assert record(tmp_path)["status"] == "finished"
    assert record(tmp_path)["model"]["checkpoint"] == str(run)
    assert (tmp_path / "heatmap.png").is_file()
    (typed,) = [line.strip() for line in answer.out.splitlines() if line.strip().startswith("python -m src.")]
    assert typed.startswith("python -m src.evaluate ")
    assert f"checkpoint='{run}'" in shlex.split(typed)  # what was scored, and not the folder of these results
    assert "benchmark=xquad_r" in typed
    assert "benchmark.languages" not in typed


@pytest.mark.slow
def test_a_killed_evaluation_goes_on_with_the_shards_that_it_has(finished_run, tmp_path):
    words = (f"checkpoint={finished_run[0]}", "encoding.on_disk_from=1", "encoding.shard=500", f"cache_dir={tmp_path}")
    folder = tmp_path / "embeddings"
    command = [sys.executable, "-m", "src.evaluate", "logger=csv", f"hydra.run.dir={tmp_path}/killed", *words]
    killed = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while killed.poll() is None and len(list(folder.rglob("*.npy"))) < 3:
        time.sleep(0.002)
    killed.kill()
    assert killed.wait() == -signal.SIGKILL
    kept = {file: file.stat().st_mtime_ns for file in folder.rglob("*.npy")}
    assert len(kept) < 34
    answers = [
        type_in("src.evaluate", "logger=csv", f"hydra.run.dir={tmp_path}/{name}", *words) for name in ("on", "again")
    ]
    assert [answer.status for answer in answers] == [0, 0], answers[0].text
    assert f"{len(kept)} of 34 shards are in" in answers[0].err
    assert {file: file.stat().st_mtime_ns for file in kept} == kept
    assert "34 of 34 shards are in" in answers[1].err
    in_memory = type_in(
        "src.evaluate", f"checkpoint={finished_run[0]}", "logger=csv", f"hydra.run.dir={tmp_path}/memory"
    )
    assert in_memory.status == 0, in_memory.text
    assert metrics(tmp_path / "on") == metrics(tmp_path / "again")
    stored, direct = (metrics(tmp_path / name)["cldr_facts"]["settings"] for name in ("on", "memory"))
    for setting in direct:  # texts are batched by shard, which rounds otherwise
        assert stored[setting] == pytest.approx(direct[setting], abs=1e-6)


def test_a_saved_encoder_is_an_untrained_model_to_others(finished_run, tmp_path):
    answer = evaluate(tmp_path, "model=hf", f"model.name_or_path={finished_run[0] / 'encoder'}")
    assert answer.status == 0, answer.text
    assert metrics(tmp_path) == metrics(finished_run[0])


def test_an_encoder_as_published_is_scored_untrained(tmp_path):
    torch.manual_seed(0)
    model = write_bert(tmp_path / "bert", positions=128)
    lengths = ("model.max_query_length=64", "model.max_passage_length=64")
    answer = evaluate(tmp_path / "run", "model=hf", f"model.name_or_path={model}", *lengths, "logger=wandb")
    assert answer.status == 0, answer.text
    assert metrics(tmp_path / "run")[BENCHMARK]["candidates"] == 3044
    assert record(tmp_path / "run")["model"]["checkpoint"] is None
    recorded = read_wandb(tmp_path / "run" / "wandb")
    assert (recorded.exit_code, recorded.run.job_type) == (0, "evaluate")


@pytest.mark.parametrize("both", [False, True])
def test_exactly_one_encoder_is_asked_for(finished_run, tmp_path, both):
    answer = evaluate(tmp_path, *([f"checkpoint={finished_run[0]}", "model=tiny"] if both else []))
    assert answer.status == 2
    assert "where: checkpoint, model" in answer.err
    assert "Traceback" not in answer.text


def test_the_trec_files_give_others_the_same_figures(finished_run, tmp_path):
    answer = evaluate(tmp_path, f"checkpoint={finished_run[0]}", "save_run=true")
    assert answer.status == 0, answer.text
    with (tmp_path / "run.trec").open() as run, (tmp_path / "qrels.trec").open() as qrels:
        ranking, judged = pytrec_eval.parse_run(run), pytrec_eval.parse_qrel(qrels)
    theirs = pytrec_eval.RelevanceEvaluator(judged, {"map", "map_cut", "ndcg_cut"}).evaluate(ranking)
    rows = pq.read_table(tmp_path / "per_query.parquet").to_pylist()
    ours = {row["query"]: row for row in rows if row["setting"] == "multilingual"}
    assert ours.keys() == theirs.keys()
    whole = [query for query in ours if judged[query].keys() <= ranking[query].keys()]  # the run has the 1,000 best
    assert len(whole) > len(ours) / 2
    for name, metric, queries in (
        ("map_cut_20", "mAP@20", ours),
        ("ndcg_cut_10", "nDCG@10", ours),
        ("map", "mAP", whole),
    ):
        expected = [theirs[query][name] for query in queries]
        np.testing.assert_allclose([ours[query][metric] for query in queries], expected, atol=1e-6)
    assert sum(ours[query]["mAP"] for query in ours) / len(ours) == pytest.approx(
        metrics(tmp_path)[BENCHMARK]["settings"]["multilingual"]["mAP"]
    )


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["checkpoint=nowhere"], "no such file or folder\n  where: checkpoint=nowhere"),
        (["checkpoint=5"], "where: checkpoint=5"),
        (["checkpoint=conf", "benchmark=xquad_r"], "no trained encoder here\n  where: checkpoint=conf"),
        (["checkpoint=RUN", "device=abacus"], "no device 'abacus'"),
        (["checkpoint=RUN", "encoding.precision=half"], "precision must be one of null, bf16, fp16"),
        (["checkpoint=RUN", "encoding.tokens_per_batch=0"], "tokens_per_batch must be a whole number from 1 on"),
        (["checkpoint=RUN", "encoding.dtype=int8"], "cannot keep embeddings as 'int8'"),
        (["checkpoint=RUN", "encoding.shard=many"], "encoding.shard must be a whole number"),
        (["checkpoint=RUN", "search=faiss_hnsw"], "mAP of cldr_facts[de,en] looks at all ranks"),
        (["checkpoint=RUN", "search=faiss_hnsw", "search.factory=Tree"], "FAISS knows no index 'Tree'"),
        (["checkpoint=RUN", "search=faiss_ivf", "search.parameters='depth=3'"], "where: search.parameters"),
        (["checkpoint=RUN", "search.depth=0"], "depth must be a whole number from 1 on"),
        (["checkpoint=RUN", "search.depth=10", "benchmark.metrics=[R@100]"], "R@100 of cldr_facts[de,en] looks at 100"),
        (["checkpoint=RUN", "search.device=abacus", "benchmark.metrics=[R@1]"], "no device 'abacus'"),
        (["checkpoint=RUN", "save_run=maybe"], "save_run must be true or false"),
        (["checkpoint=RUN", "+benchmark.fold=x"], "benchmark has no option 'fold'"),
        (["checkpoint=RUN", "benchmark.metrics=[]"], "where: benchmark.metrics"),
        (["checkpoint=RUN", "benchmark.metrics=[F1]"], "unknown metric 'F1'"),
        (["model=hf", "model.name_or_path=nobody/nothing"], "neither a folder nor in the cache"),
    ],
)
def test_bad_input(finished_run, tmp_path, more, told):
    answer = evaluate(tmp_path, *[word.replace("RUN", str(finished_run[0])) for word in more])
    assert answer.status == 2, answer.text
    assert told in answer.err
    assert "Traceback" not in answer.text
    assert record(tmp_path)["status"] == "failed"


def test_checkpoints_that_do_not_fit_or_cannot_be_read(finished_run, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(finished_run[0], run, ignore=shutil.ignore_patterns("wandb"))
    last = run / "checkpoints" / "last.ckpt"
    alone = tmp_path / "last.ckpt"
    shutil.copy(last, alone)
    told = {alone: "a checkpoint alone does not say how its encoder is built"}
    state = torch.load(last, weights_only=True)
    name = "encoder.backbones.shared.embeddings.word_embeddings.weight"
    state["state_dict"][name] = state["state_dict"][name][:, :8]
    other = last.with_name("other.ckpt")
    torch.save(state, other)
    told[other] = "does not fit the model: size mismatch for backbones.shared.embeddings.word_embeddings.weight"
    damaged = last.with_name("damaged.ckpt")
    damaged.write_bytes(last.read_bytes()[:1000])
    told[damaged] = "the checkpoint cannot be read"
    (run / "encoder" / "model.safetensors").write_bytes(b"x")
    told[run] = "cannot load the model's weights"
    for checkpoint, what in told.items():
        answer = evaluate(tmp_path / "evaluation", f"checkpoint={checkpoint}")
        assert answer.status == 2, answer.text
        assert what in answer.err, checkpoint
        assert str(checkpoint) in answer.err
        assert "Traceback" not in answer.text
