"""Learning curves: what a run's validations found, step by step, read from its `csv/metrics.csv`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from src.errors import InputError

CURVES = Path("csv", "metrics.csv")  # in a run's folder
SECONDS = "train/seconds"  # trained until then (see training.stopwatch)


@dataclass(frozen=True, eq=False)
class Curve:
    """One metric over a run."""

    steps: NDArray[np.float64]  # optimizer steps made before each validation, rising
    values: NDArray[np.float64]
    seconds: NDArray[np.float64]  # of training until then; NaN where the run logged no time

    @property
    def timed(self) -> bool:
        """Whether the time of every validation is known."""
        return bool(np.isfinite(self.seconds).all())


def read_curves(folder: Path) -> dict[str, Curve]:
    """The curves of a run by metric (`val/mAP`, ...); none where it left no file."""
    path = folder / CURVES
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if (row["step"] or "").isdigit()]
    names = [name for name in (rows[0] if rows else ()) if name and name.startswith("val/")]
    return {name: _curve(rows, name, path) for name in names}


def _curve(rows: list[dict[str, str]], name: str, path: Path) -> Curve:
    held = [row for row in rows if row[name]]
    try:
        values = [float(row[name]) for row in held]
        seconds = [float(row.get(SECONDS) or "nan") for row in held]
    except ValueError as error:
        raise InputError(f"no number in the column {name} or {SECONDS}: {error}", where=str(path)) from error
    # a row's step is the number of the last step made, counted from 0
    return Curve(np.array([int(row["step"]) + 1.0 for row in held]), np.array(values), np.array(seconds))
