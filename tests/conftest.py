import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.command import SMALL, Answer, type_in
from tests.written_runs import make_evaluation, make_run


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """Folder of real data by name; the test is skipped, saying so, where it is absent."""
    root = Path(os.environ.get("EVENHAND_DATA", Path(__file__).resolve().parents[1] / ".." / "shared" / "data"))

    def find(name: str) -> Path:
        if not (root / name).is_dir():
            pytest.skip(f"real data {name!r} not found in {root} (set EVENHAND_DATA)")
        return root / name

    return find


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all commands."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def finished_run(cache_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    """A small run with the default logger: its folder, and what it said."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    answer = type_in("src.train", *SMALL, f"hydra.run.dir={folder}", f"cache_dir={cache_dir}")
    assert answer.status == 0, answer.text
    return folder, answer


@pytest.fixture(scope="session")
def logged_run(cache_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run with the default logger, whose every step is logged, and its artifacts."""
    folder = tmp_path_factory.mktemp("logged") / "run"
    often = ("trainer.log_every_n_steps=1", "callbacks.validation.every_n_steps=2", "logger.artifacts=encoder")
    answer = type_in("src.train", *SMALL, *often, f"hydra.run.dir={folder}", f"cache_dir={cache_dir}")
    assert answer.status == 0, answer.text
    return folder


@pytest.fixture
def evaluation() -> Callable[..., SimpleNamespace]:
    """A small evaluation, written by hand."""
    return make_evaluation


@pytest.fixture
def run_folder() -> Callable[..., Path]:
    """A small run's folder, written by hand."""
    return make_run
