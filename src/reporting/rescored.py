"""What `python -m src.rescore` leaves: `metrics.json`, `per_query.parquet`, and a table of means."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from src.comparing.tables import Grid
from src.errors import InputError
from src.reporting.closing import report_run
from src.reporting.commands import nearby, override, python
from src.reporting.folder import METRICS, OUTPUT_FIX, PER_QUERY, RECORD, check_writable, replacing, write_json
from src.reporting.tables import number

if TYPE_CHECKING:
    from src.evaluation.rescoring import Rescored


def check_free(folder: Path) -> Path:
    """The folder, created; InputError where it cannot be written or holds a run, whose results these would replace."""
    if (folder / RECORD).exists():
        raise InputError("the folder holds a run, whose results would be lost", where=str(folder), fix=OUTPUT_FIX)
    return check_writable(folder)


def write_rescored(folder: Path, rescored: Rescored, run: Path, qrels: Path) -> list[Path]:
    """The means and what they rest on, and one row a query."""
    import pyarrow.parquet as pq

    values = {
        "run": run.resolve(),
        "qrels": qrels.resolve(),
        "metrics": rescored.means,
        "queries": len(rescored.per_query),
        "complete": rescored.complete,
        "missing": rescored.missing,
        "unjudged": rescored.unjudged,
        "hopeless": rescored.hopeless,
        "depth": rescored.depth,
    }
    write_json(folder / METRICS, values)
    with replacing(folder / PER_QUERY) as temporary:
        pq.write_table(rescored.per_query, temporary, compression="zstd")
    return [folder / METRICS, folder / PER_QUERY]


def report_rescored(out: Console, rescored: Rescored, run: Path, qrels: Path, files: list[Path]) -> None:
    """Print the means, what they rest on, where they are saved and what to type next."""
    queries = len(rescored.per_query)
    header = f"mean of {queries:,} {'query' if queries == 1 else 'queries'}"
    rows = [[metric, number(value, digits=4)] for metric, value in rescored.means.items()]
    out.print()
    out.print(Grid(run.name, ["metric", header], rows).rich())
    metrics = ",".join(rescored.means)
    words = ["run=OTHER.trec", override("qrels", nearby(qrels.absolute())), f"metrics=[{metrics}]"]
    report_run(
        out,
        {},
        saved={path.name: path for path in files},
        steps={"another run by the same judgements": f"{python()} -m src.rescore {shlex.join(words)}"},
        notes=_notes(rescored),
    )


def _notes(rescored: Rescored) -> list[str]:
    """What was taken for 0 or left out."""
    missing = f"Judged queries without a line in the run: {rescored.missing:,}."
    if rescored.missing:
        missing += " They count 0 (trec_eval -c)." if rescored.complete else " Left out (trec_eval without -c)."
    notes = [missing]
    if rescored.hopeless:
        notes.append(f"Judged queries with nothing relevant: {rescored.hopeless:,}. Left out; trec_eval counts them 0.")
    if rescored.unjudged:
        notes.append(f"Queries of the run that are not judged: {rescored.unjudged:,}. Left out.")
    if rescored.deeper:
        depth = f"at most {rescored.depth:,} candidates for a query"
        notes.append(f"Of the run as deep as it is ({depth}), below it nothing is found: {', '.join(rescored.deeper)}.")
    return notes
