"""The run's curves as `csv/metrics.csv`: one row a logged step, resumable, readable by anything."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import Any

from pytorch_lightning.utilities import rank_zero_only

from src.reporting.curves import CURVES
from src.reporting.folder import replacing
from src.reporting.loggers import LoggedRun, RunLogger


class CsvLogger(RunLogger):
    """Appends rows as they come; a resumed run drops the rows that it is about to repeat."""

    def __init__(self, run: LoggedRun) -> None:
        super().__init__(run)
        self.path = run.folder / CURVES
        self._fields: list[str] | None = None  # unknown until the first row

    @property
    def destination(self) -> str:
        """The file."""
        return str(self.path)

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """Write one row; a metric not seen before adds a column."""
        row = {"step": step, **{name: float(value) for name, value in metrics.items()}}
        if self._fields is None or not row.keys() <= set(self._fields):
            self._rewrite(row, resuming=self._fields is None)
        with self.path.open("a", newline="", encoding="utf-8") as file:
            csv.DictWriter(file, self._fields or []).writerow(row)

    def _rewrite(self, row: Mapping[str, Any], *, resuming: bool) -> None:
        """Rewrite the file with the new row's columns; `resuming` drops what an earlier start logged from here on."""
        rows = self._read()
        if resuming:
            rows = [old for old in rows if int(old["step"]) < (row["step"] or 0)]
        self._fields = list(dict.fromkeys(["step", *(name for old in rows[:1] for name in old), *row]))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self.path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, self._fields)
            writer.writeheader()
            writer.writerows(rows)

    def _read(self) -> list[dict[str, str]]:
        if not self.path.is_file():
            return []
        with self.path.open(newline="", encoding="utf-8") as file:
            return [row for row in csv.DictReader(file) if row["step"].isdigit()]
