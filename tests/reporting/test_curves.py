from pathlib import Path

import numpy as np
import pytest

from src.errors import InputError
from src.reporting.csv_logger import CsvLogger
from src.reporting.curves import CURVES, read_curves
from src.reporting.loggers import LoggedRun


@pytest.fixture
def logger(tmp_path: Path) -> CsvLogger:
    return CsvLogger(LoggedRun(tmp_path, {}, None, "run", "train"))


def test_a_curve_as_the_logger_leaves_it(logger: CsvLogger, tmp_path: Path):
    logger.log_metrics({"train/loss": 3.0}, 9)
    logger.log_metrics({"val/mAP": 0.1, "val/loss": 2.0, "train/seconds": 1.5}, 9)
    logger.log_metrics({"train/loss": 2.0}, 19)
    logger.log_metrics({"val/mAP": 0.2, "val/loss": 1.0, "train/seconds": 3.5}, 19)
    curves = read_curves(tmp_path)
    assert list(curves) == ["val/mAP", "val/loss"]
    assert curves["val/mAP"].steps.tolist() == [10, 20]  # Lightning counts the step being made from 0
    assert curves["val/mAP"].values.tolist() == [0.1, 0.2]
    assert curves["val/mAP"].seconds.tolist() == [1.5, 3.5]
    assert curves["val/mAP"].timed


def test_a_run_without_time_or_without_any_curve(logger: CsvLogger, tmp_path: Path):
    assert read_curves(tmp_path) == {}
    logger.log_metrics({"val/mAP": 0.1}, 9)
    curve = read_curves(tmp_path)["val/mAP"]
    assert np.isnan(curve.seconds).all()
    assert not curve.timed


def test_a_broken_file_is_named(tmp_path: Path):
    path = tmp_path / CURVES
    path.parent.mkdir()
    path.write_text("step,val/mAP\n9,much\n")
    with pytest.raises(InputError, match=r"metrics\.csv"):
        read_curves(tmp_path)
