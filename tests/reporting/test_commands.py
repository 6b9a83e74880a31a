import sys
from pathlib import Path

import pytest

from src.reporting.commands import python, starting


def test_python_is_named_as_a_person_can_type_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    assert python() == "python"


def test_the_interpreter_of_an_environment_that_is_not_activated_is_named_by_its_path(monkeypatch, tmp_path):
    own = tmp_path / ".venv" / "bin" / "python"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(own))
    assert python() == ".venv/bin/python"


TORCHRUN = {"TORCHELASTIC_RUN_ID": "none", "RANK": "0", "WORLD_SIZE": "4", "GROUP_WORLD_SIZE": "1"}
SRUN = {"SLURM_NTASKS": "4", "SLURM_JOB_NAME": "train"}


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "python -m"),
        (TORCHRUN, "torchrun --nproc-per-node=4 -m"),
        (
            {**TORCHRUN, "GROUP_WORLD_SIZE": "2"},
            "torchrun --nnodes=2 --rdzv-backend=c10d --rdzv-endpoint=HOST:29500 --nproc-per-node=2 -m",
        ),
        ({**TORCHRUN, "WORLD_SIZE": "1"}, "python -m"),
        (SRUN, "srun python -m"),
        ({**SRUN, "SLURM_NTASKS": "1"}, "python -m"),
    ],
)
def test_ranks_are_started_again_as_they_were(monkeypatch, variables, words):
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert " ".join(starting()) == words
