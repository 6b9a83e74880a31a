import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from src.reporting.environment import command_line, environment, git_state, hardware


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=n", "-c", "user.email=e@e"]
    answer = subprocess.run(
        ["git", "-C", str(folder), *identity, *arguments], capture_output=True, text=True, check=True
    )
    return answer.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "code.py").write_text("a = 1\n")
    git(tmp_path, "add", "code.py")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def test_versions_are_those_in_use():
    versions = environment()
    assert versions["python"] == platform.python_version()
    assert versions["torch"] == str(torch.__version__)
    assert {"pytorch-lightning", "transformers", "hydra-core", "evenhand"} <= versions.keys()
    assert platform.node() not in str(versions)


def test_a_changed_tracked_file_makes_the_commit_dirty_and_an_untracked_one_does_not(repository: Path):
    commit = git(repository, "rev-parse", "HEAD")
    (repository / "output.txt").write_text("new")
    assert git_state(repository) == {"commit": commit, "dirty": False}
    (repository / "code.py").write_text("a = 2\n")
    assert git_state(repository) == {"commit": commit, "dirty": True}


def test_no_repository_and_no_git_are_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git_state(tmp_path) == {"commit": None, "dirty": None}
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_state(tmp_path) == {"commit": None, "dirty": None}


def test_the_command_can_be_pasted_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "orig_argv", ["/usr/bin/python3.11", "-m", "src.train", "sampler=hybrid", "tags=[a b]"])
    assert command_line() == "python -m src.train sampler=hybrid 'tags=[a b]'"


def test_hardware_of_a_cpu_run():
    assert hardware("cpu", 2) == {
        "accelerator": "cpu",
        "devices": 2,
        "gpus": [],
        "cores": len(os.sched_getaffinity(0)),
        "threads": torch.get_num_threads(),
    }
