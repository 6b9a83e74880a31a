import sys
from pathlib import Path

from src.reporting.commands import python


def test_python_is_named_as_a_person_can_type_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    assert python() == "python"


def test_the_interpreter_of_an_environment_that_is_not_activated_is_named_by_its_path(monkeypatch, tmp_path):
    own = tmp_path / ".venv" / "bin" / "python"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(own))
    assert python() == ".venv/bin/python"
