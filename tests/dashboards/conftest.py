from pathlib import Path

import pytest

from tests.command import SMALL, type_in


@pytest.fixture(scope="session")
def logged_run(cache_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run with the default logger, whose every step is logged."""
    folder = tmp_path_factory.mktemp("logged") / "run"
    often = ("trainer.log_every_n_steps=1", "callbacks.validation.every_n_steps=2")
    answer = type_in("src.train", *SMALL, *often, f"hydra.run.dir={folder}", f"cache_dir={cache_dir}")
    assert answer.status == 0, answer.text
    return folder
