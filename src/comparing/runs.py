"""The runs below some folders: each with its configuration, record, metrics and, when asked, its queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.errors import InputError
from src.reporting.curves import CURVES
from src.reporting.folder import CONFIG, METRICS, PER_QUERY, RECORD, read_config, read_json
from src.reporting.sizes import at, sizes_in
from src.reporting.trained import Trained, trained_by

if TYPE_CHECKING:
    import pyarrow as pa

NAMED = 3  # folders without a finished run that an error names before it only counts them
COMPARE = "python -m src.compare outputs/<sweep>"


@dataclass(frozen=True, eq=False)
class Run:
    """One run, finished unless it says otherwise."""

    folder: Path
    config: Mapping[str, Any]
    record: Mapping[str, Any]
    metrics: Mapping[str, Mapping[str, Any]]  # benchmark -> summary
    trained: Trained | None = None  # of an evaluation: the run that trained what was scored
    sizes: tuple[int, ...] = ()  # that its embeddings were cut to and scored at too
    finished: bool = True  # else it has no metrics: of all it did, only its validations count

    @property
    def seed(self) -> Any:
        """The seed that the encoder was trained with, else the run's own, or None where there is none."""
        return (self.trained or self).config.get("seed")

    @property
    def records(self) -> list[Mapping[str, Any]]:
        """The run's own record, after that of the training behind it."""
        return [self.record] if self.trained is None else [self.trained.record, self.record]

    def per_query(self, benchmark: str) -> pa.Table | None:
        """The run's rows of one benchmark; None where it left no file, or none of them (a suite has no queries)."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.folder / PER_QUERY
        try:
            rows = pq.read_table(path, filters=[("benchmark", "=", benchmark)]) if path.is_file() else None
        except pa.ArrowInvalid as error:
            raise InputError("Not a whole Parquet file.", where=str(path), fix="copy or score the run again") from error
        return rows if rows is not None and len(rows) else None


@dataclass(frozen=True)
class Skipped:
    """A folder that holds no finished run, and why."""

    folder: Path
    reason: str
    begun: Run | None = None  # what it holds, where it was training and has a learning curve


def find_runs(
    folders: Sequence[Path], fix: str = COMPARE, dimension: int | None = None
) -> tuple[list[Run], list[Skipped]]:
    """All runs in and below the folders, by path, and what was passed over; InputError where no run is left.

    Their metrics are those of whole embeddings, or of embeddings cut to `dimension`.
    """
    runs, skipped = [], []
    for path in sorted({record.resolve() for folder in folders for record in _records(folder, fix)}):
        reason = _unfinished(path.parent)
        run = None if reason else _load(path.parent, dimension)
        if run and dimension is not None and not run.metrics:
            reason = f"not scored at {dimension} dimensions"
        if run and not reason:
            runs.append(run)
        else:
            skipped.append(Skipped(path.parent, str(reason), None if run else _begun(path.parent)))
    if not runs:
        told = [f"{each.folder}: {each.reason}" for each in skipped[:NAMED]]
        more = [f"and {len(skipped) - NAMED} more"] if len(skipped) > NAMED else []
        found = "; ".join([*told, *more]) or "no record.json in it or below"
        raise InputError(
            "No finished run to compare.",
            where=f"{', '.join(map(str, folders))} ({found})",
            fix=f"give the folder of a run or of a sweep: {fix}" if dimension is None else _scoring(dimension),
        )
    return runs, skipped


def _scoring(dimension: int) -> str:
    return f"score them so: python -m src.evaluate checkpoint=outputs/<run> dimensions=[{dimension}]"


def _records(folder: Path, fix: str) -> list[Path]:
    if not folder.is_dir():
        raise InputError("Not a folder." if folder.exists() else "No such folder.", where=str(folder), fix=fix)
    return [path for path in folder.rglob(RECORD) if path.is_file()]


def _unfinished(folder: Path) -> str | None:
    """Why a folder with a record holds no run to compare, or None."""
    try:
        record = read_json(folder / RECORD)
    except InputError as error:
        return f"unreadable record ({error.what})"
    if record.get("status") != "finished":
        first_line = str(record.get("error") or "").partition("\n")[0]
        status = str(record.get("status", "no status"))
        told = ": ".join(filter(None, ["still running, or killed" if status == "running" else status, first_line]))
        left = (folder / METRICS).is_file()  # perhaps of an earlier attempt, perhaps of a part of its benchmarks
        return f"{told}; its {METRICS} is not used, score it with python -m src.evaluate" if left else told
    missing = [name for name in (METRICS, CONFIG) if not (folder / name).is_file()]
    return f"without {' and '.join(missing)}" if missing else None


def _begun(folder: Path) -> Run | None:
    """A run that stopped while it was training, if it validated."""
    if not (folder / CURVES).is_file() or not (folder / CONFIG).is_file():
        return None
    try:
        return Run(folder, read_config(folder), read_json(folder / RECORD), {}, finished=False)
    except InputError:
        return None


def _load(folder: Path, dimension: int | None) -> Run:
    record, metrics = read_json(folder / RECORD), read_json(folder / METRICS)
    trained, sizes = trained_by(record, folder), tuple(sizes_in(metrics))
    return Run(folder, read_config(folder), record, at(metrics, dimension), trained, sizes)
