"""python -m src.dashboard as typed: without an account, with a server that stands in, and with mistakes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import SMALL, Answer, type_in
from tests.reporting.wandb_file import read_wandb
from tests.wandb_server import serving

pytest.importorskip("wandb_workspaces", reason="pip install -e '.[dashboard]'")


@pytest.fixture(scope="module")
def sweep(cache_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two strategies, with the page of a comparison beside them."""
    folder = tmp_path_factory.mktemp("sweeps") / "two"
    few = [word for word in SMALL if not word.startswith("max_steps")]
    words = ("max_steps=2", "logger=csv", f"cache_dir={cache_dir}", f"hydra.sweep.dir={folder}")
    answer = type_in("src.train", "-m", "sampler=monolingual,hybrid", *few, *words)
    assert answer.status == 0, answer.text
    (folder / "comparison.html").write_text("<p>hybrid is better</p>")
    return folder


@pytest.fixture
def nobody(tmp_path: Path) -> dict[str, str]:
    """An environment in which nobody is logged in."""
    return {"WANDB_MODE": "", "WANDB_API_KEY": "", "NETRC": str(tmp_path / "netrc")}


Type = Callable[..., Answer]


def test_what_would_be_built_is_printed(sweep: Path):
    answer = type_in("src.dashboard", str(sweep), "dry=true")
    assert answer.status == 0, answer.text
    for told in ("of the group two", "choices.sampler", "evenhand: two", "workspace and report", "Language bias"):
        assert told in answer.out
    assert "test/cldr_facts[de,en]/multilingual/mAP" in "".join(answer.out.split())
    assert max(map(len, answer.out.splitlines())) <= 80
    assert answer.err == ""


def test_a_project_without_folders_is_shown_by_the_documented_names():
    answer = type_in("src.dashboard", "benchmarks=[xquad_r,mlqa_r]", "sweep=alpha", "kind=report", "dry=true")
    assert answer.status == 0, answer.text
    assert "test/mlqa_r/crosslingual/mAP" in answer.out
    assert "of the group alpha" in answer.out


def test_without_a_server_the_plan_is_shown_and_what_to_do(sweep: Path, nobody: dict[str, str]):
    for environment, told in (({}, "WANDB_MODE=offline"), (nobody, "wandb login")):
        answer = type_in("src.dashboard", str(sweep), environment=environment)
        assert answer.status == 2
        assert "Language bias" in answer.out
        assert "nothing but this plan was made" in answer.err
        assert told in answer.err
        assert "wandb sync" in answer.err
        assert "Traceback" not in answer.text


def test_a_server_gets_the_view_and_the_report(sweep: Path):
    with serving("evenhand") as server:
        answer = type_in("src.dashboard", str(sweep), environment=server.environment)
    assert answer.status == 0, answer.text
    workspace, report = server.told("upsertView")
    assert (workspace["type"], report["type"]) == ("project-view", "runs")
    for view in (workspace, report):
        assert (view["entityName"], view["projectName"], view["displayName"]) == ("team", "evenhand", "evenhand: two")
        assert "test/cldr_facts[de,en]/multilingual/mAP" in view["spec"]
    (runs,) = json.loads(workspace["spec"])["section"]["runSets"]
    assert "two" in json.dumps(runs["filters"])
    assert "/team/evenhand?nw=" in answer.out
    assert "/team/evenhand/reports/" in answer.out


def test_a_project_that_the_server_does_not_know_is_said_plainly(sweep: Path):
    with serving("another") as server:
        answer = type_in("src.dashboard", str(sweep), "kind=report", environment=server.environment)
    assert answer.status == 2
    assert "W&B did not take it" in answer.err
    assert "not found" in answer.err
    assert "Traceback" not in answer.text


def test_a_server_that_is_not_there_is_said_plainly(sweep: Path):
    with serving() as server:
        gone = server.environment
    answer = type_in("src.dashboard", str(sweep), "timeout=1", environment=gone)
    assert answer.status == 2, answer.text
    assert "Traceback" not in answer.text


def test_the_page_of_a_comparison_is_an_artifact_made_from_its_runs_results(sweep: Path):
    answer = type_in("src.dashboard", str(sweep), f"comparison={sweep / 'comparison.html'}")
    assert "wandb sync sends it" in answer.out
    recorded = read_wandb(sweep / "wandb")
    assert (recorded.run.job_type, recorded.run.run_group, recorded.exit_code) == ("compare", "two", 0)
    used = [each for each in recorded.artifacts if each.use_after_commit]
    assert sorted(each.type for each in used) == ["results", "results"]
    assert {each.name.split("-seed")[0] for each in used} == {"results-hybrid_tiny", "results-monolingual_tiny"}
    (page,) = [each for each in recorded.artifacts if not each.use_after_commit]
    assert (page.type, page.name) == ("report", "comparison-two")
    (file,) = page.manifest.contents
    assert Path(file.local_path).read_text() == "<p>hybrid is better</p>"


def test_a_page_is_not_logged_where_wandb_is_switched_off(sweep: Path, tmp_path: Path):
    page = tmp_path / "comparison.html"
    page.write_text("")
    answer = type_in("src.dashboard", str(sweep), f"comparison={page}", environment={"WANDB_MODE": "disabled"})
    assert answer.status == 2
    assert "W&B is switched off" in answer.err
    assert list(tmp_path.iterdir()) == [page]


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("kind=page", "kind must be one of workspace, report, both"),
        ("nowhere", "No such folder"),
        ("folders=nowhere", "No such folder"),
        ("comparison=nowhere.html", "no such page"),
        ("dry=perhaps", "dry must be true or false"),
        ("project=null", "which project?"),
        ("benchmarks=[]", "benchmarks must be a list"),
        ("timeout=0", "where: timeout"),
        (f"title={'x' * 129}", "longer than 128"),
    ],
)
def test_mistakes_are_told(word: str, told: str):
    answer = type_in("src.dashboard", word)
    assert answer.status == 2
    assert told in answer.err
    assert "Traceback" not in answer.text
