"""Which checkpoints are kept as the best."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.demos.boring_classes import BoringModel

from src.training.best_checkpoint import BestCheckpoint

METRIC = "val/metric"


class Scored(BoringModel):
    """The n-th step is validated with the n-th value."""

    def __init__(self, values: Sequence[float]) -> None:
        super().__init__()
        self.values = values

    def on_validation_epoch_end(self) -> None:
        self.log(METRIC, self.values[self.trainer.global_step - 1])


def run(
    folder: Path,
    values: Sequence[float],
    mode: str = "max",
    keep: int = 1,
    *,
    optimizer: bool = True,
    resume: Path | None = None,
) -> BestCheckpoint:
    """A run with a validation at each step."""
    best = BestCheckpoint(folder, METRIC, mode, keep, optimizer=optimizer)
    trainer = pl.Trainer(
        accelerator="cpu",
        max_steps=len(values),
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        limit_val_batches=1,
        val_check_interval=1,
        check_val_every_n_epoch=None,
        callbacks=[best],
    )
    trainer.fit(Scored(values), ckpt_path=resume, weights_only=True)
    return best


def kept(folder: Path) -> list[int]:
    """The steps whose checkpoints are in the folder, and nothing else is."""
    return sorted(int(path.name.removeprefix("best-step=").removesuffix(".ckpt")) for path in folder.iterdir())


@pytest.mark.parametrize(
    ("values", "mode", "keep", "expected"),
    [
        ((0.1, 0.5, 0.3), "max", 1, [2]),
        ((0.1, 0.5, 0.3), "min", 1, [1]),
        ((0.1, 0.5, 0.3, 0.4, 0.2), "max", 2, [2, 4]),
        ((0.3, 0.5, 0.1, 0.4, 0.2), "min", 2, [3, 5]),
        ((0.1, 0.2), "max", 3, [1, 2]),
        ((0.5, 0.5, 0.4), "max", 1, [1]),  # of equals the first
    ],
)
def test_the_best_are_kept_and_the_others_deleted(tmp_path, values, mode, keep, expected):
    best = run(tmp_path, values, mode, keep)
    assert kept(tmp_path) == expected
    first = (min if mode == "min" else max)(values)
    assert Path(best.best_model_path) == tmp_path / f"best-step={values.index(first) + 1}.ckpt"
    assert best.best_model_score == pytest.approx(first)


@pytest.mark.parametrize("optimizer", [True, False])
def test_the_optimizers_state_is_kept_if_wanted(tmp_path, optimizer):
    best = run(tmp_path, (0.1,), optimizer=optimizer)
    assert ("optimizer_states" in torch.load(best.best_model_path, weights_only=True)) == optimizer


def test_a_step_that_is_repeated_replaces_its_checkpoint(tmp_path):
    for value in (0.1, 0.2):
        best = run(tmp_path, (value,))
        assert kept(tmp_path) == [1]
        assert Path(best.best_model_path).name == "best-step=1.ckpt"


@pytest.mark.parametrize(("mode", "more", "expected"), [("max", (0.2, 0.6), [2, 5]), ("min", (0.2, 0.05), [1, 5])])
def test_a_run_that_goes_on_elsewhere_takes_the_best_along(tmp_path, mode, more, expected):
    values = (0.1, 0.5, 0.15) if mode == "min" else (0.1, 0.5, 0.4)
    before = run(tmp_path / "before", values, mode, 2)
    last = tmp_path / "before" / "best-step=3.ckpt"
    (tmp_path / "before").rename(tmp_path / "moved")
    best = run(tmp_path / "own", (*values, *more), mode, 2, resume=tmp_path / "moved" / last.name)
    assert kept(tmp_path / "own") == expected
    assert kept(tmp_path / "moved") == sorted(int(Path(path).stem[-1]) for path in before.best_k_models)
    assert Path(best.best_model_path).parent == tmp_path / "own"


def test_a_best_one_that_stayed_behind_is_done_without(tmp_path):
    run(tmp_path / "before", (0.1, 0.5, 0.4), keep=2)
    (tmp_path / "before" / "best-step=2.ckpt").unlink()
    resume = tmp_path / "before" / "best-step=3.ckpt"
    best = run(tmp_path / "own", (0.1, 0.5, 0.4, 0.3), keep=2, resume=resume)
    assert kept(tmp_path / "own") == [3, 4]
    assert Path(best.best_model_path) == tmp_path / "own" / "best-step=3.ckpt"


@pytest.mark.parametrize("mode", ["max", "min"])
def test_the_names_of_a_checkpoint_are_of_the_runs_own_folder(tmp_path, mode):
    values = {"best-step=1.ckpt": 0.2, "best-step=2.ckpt": 0.1, "best-step=3.ckpt": 0.3}
    for name in values:
        (tmp_path / name).touch()
    state = BestCheckpoint(tmp_path / "before", METRIC, mode, 3, optimizer=True).state_dict()
    best = BestCheckpoint(tmp_path, METRIC, mode, 3, optimizer=True)
    best.load_state_dict(state | {"best_k_models": values})
    least, greatest = (str(tmp_path / f"best-step={step}.ckpt") for step in (2, 3))
    first, last = (greatest, least) if mode == "max" else (least, greatest)
    assert (best.best_model_path, best.kth_best_model_path) == (first, last)
    assert (best.best_model_score, best.kth_value) == ((0.3, 0.1) if mode == "max" else (0.1, 0.3))
    assert {path.name for path in map(Path, best.state_dict()["best_k_models"])} == values.keys()
    assert str(tmp_path) not in str(best.state_dict())


def test_one_that_is_gone_is_told_and_leaves_room_for_another(tmp_path, caplog):
    (tmp_path / "best-step=1.ckpt").touch()
    best = BestCheckpoint(tmp_path, METRIC, "max", 2, optimizer=True)
    with caplog.at_level("INFO"):
        best.load_state_dict(best.state_dict() | {"best_k_models": {"best-step=1.ckpt": 0.1, "best-step=2.ckpt": 0.2}})
    assert "a best checkpoint until here is gone" in caplog.text
    assert best.best_k_models == {str(tmp_path / "best-step=1.ckpt"): 0.1}
    assert (best.best_model_path, best.kth_best_model_path) == (str(tmp_path / "best-step=1.ckpt"), "")
