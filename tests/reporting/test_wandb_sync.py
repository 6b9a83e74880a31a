"""An offline run is sent whole by `wandb sync`: W&B's own client against a server that stands in for theirs."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.command import SMALL, type_in
from tests.reporting.wandb_file import Recorded, read_wandb
from tests.wandb_server import Server, serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def recorded(logged_run: Path) -> Recorded:
    return read_wandb(logged_run)


@pytest.fixture(scope="module")
def synced(logged_run: Path, recorded: Recorded) -> Server:
    """The server after a sync."""
    (offline,) = (logged_run / "wandb").glob("offline-run-*")
    command = [str(Path(sys.executable).with_name("wandb")), "sync", str(offline)]
    with serving("evenhand") as server:
        environment = {**os.environ, **server.environment}
        done = subprocess.run(
            command, cwd=logged_run, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode == 0, done.stdout + done.stderr
    server.files = {unquote(name): content for name, content in server.files.items()}
    return server


def test_curves_results_and_pictures_arrive(synced: Server, recorded: Recorded):
    rows = [
        json.loads(line)
        for stream in synced.streamed
        for line in stream.get("files", {}).get("wandb-history.jsonl", {}).get("content", ())
    ]
    assert [row.get("train/loss") for row in rows] == [row.get("train/loss") for row in recorded.history]
    summary = json.loads(synced.files["run/wandb-summary.json"])
    assert {key: summary[key] for key in recorded.summary if key.startswith("test/")} == {
        key: value for key, value in recorded.summary.items() if key.startswith("test/")
    }
    pictures = [name for name in synced.files if name.startswith("run/media/images/")]
    tables = [name for name in synced.files if name.startswith("run/media/table/")]
    assert (len(pictures), len(tables)) == (1, 2)


def test_artifacts_arrive_with_every_byte(synced: Server, logged_run: Path):
    made = {
        told["input"]["artifactTypeName"]: told["input"]["artifactCollectionName"]
        for told in synced.told("createArtifact")
    }
    assert set(made) == {"dataset", "model", "results", "run_table"}
    for type_, folder in {"model": logged_run / "encoder", "results": logged_run}.items():
        sent = {name: content for name, content in synced.files.items() if name.startswith(f"{made[type_]}/")}
        assert len(sent) >= 4
        for name, content in sent.items():
            assert content == (folder / Path(name).name).read_bytes()


def test_data_are_used_and_none_of_them_is_sent(synced: Server):
    used = [told["input"]["artifactID"] for told in synced.told("useArtifact")]
    assert sorted(used) == ["benchmark-cldr_facts_de_en", "data-cldr_facts"]
    assert not [name for name in synced.files if name.startswith(("data-", "benchmark-"))]


def test_an_evaluation_that_is_online_uses_the_encoder_at_once(logged_run: Path, tmp_path: Path):
    words = ("benchmark.languages=[de,en]", "logger.artifacts=encoder", f"hydra.run.dir={tmp_path / 'run'}")
    with serving("evenhand") as server:
        answer = type_in("src.evaluate", f"checkpoint={logged_run}", *words, environment=server.environment)
    assert answer.status == 0, answer.text
    made = [told["input"]["artifactCollectionName"] for told in server.told("createArtifact")]
    (encoder,) = [name for name in made if name.startswith("encoder-hybrid_tiny-seed1-")]
    assert encoder in [told["input"]["artifactID"] for told in server.told("useArtifact")]


@pytest.mark.parametrize("login", [{}, {"WANDB_API_KEY": "0" * 40, "WANDB_MODE": "offline"}])
def test_an_offline_run_asks_no_server_anything(login: dict[str, str], cache_dir: Path, tmp_path: Path):
    nobody = {"WANDB_MODE": "", "WANDB_API_KEY": "", "NETRC": str(tmp_path / "netrc")}
    words = ("logger.artifacts=encoder", f"cache_dir={cache_dir}", f"hydra.run.dir={tmp_path / 'run'}")
    with serving("evenhand") as server:
        environment = {**nobody, **login, "WANDB_BASE_URL": server.url}
        answer = type_in("src.train", *SMALL, *words, environment=environment)
        assert answer.status == 0, answer.text
        read_wandb(tmp_path / "run")
    assert server.paths == []
