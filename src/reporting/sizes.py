"""Results at several sizes of one encoder's embeddings: those of one size apart, and all of them side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from src.evaluation.suite import AVERAGE
from src.reporting.tables import SETTINGS, columns_of, new_table, number

Metrics = Mapping[str, Mapping[str, Any]]  # benchmark -> summary


def at(metrics: Metrics, dimension: int | None) -> dict[str, Mapping[str, Any]]:
    """The results of embeddings cut to a size, or of whole ones."""
    return {name: summary for name, summary in metrics.items() if summary.get("dimension") == dimension}


def sizes_in(metrics: Metrics) -> list[int]:
    """The sizes that embeddings were cut to, largest first."""
    return sorted({summary["dimension"] for summary in metrics.values() if "dimension" in summary}, reverse=True)


def sizes_table(metrics: Metrics, name: str) -> Table | None:
    """A row a size of the embeddings, a column a setting, the rank distance beside; None where they were not cut."""
    whole = metrics[name]
    cut = [summary for summary in metrics.values() if summary.get("cut_from", {}).get("name") == name]
    if not cut:
        return None
    settings = [setting for setting in SETTINGS if setting in whole["settings"]] or [AVERAGE]
    metric = columns_of([whole["settings"][setting] for setting in settings])[0]
    distance = ["rank distance"] if "rank_distance" in whole["bias"] else []
    table = new_table("dimensions", *(SETTINGS.get(setting, setting) for setting in settings), *distance)
    table.title = Text(f" {name} · {metric} by size of the embeddings")
    for dimension, summary in [(cut[0]["cut_from"]["dimension"], whole), *((each["dimension"], each) for each in cut)]:
        scores = [number(summary["settings"][setting].get(metric)) for setting in settings]
        table.add_row(str(dimension), *scores, *(number(summary["bias"].get("rank_distance"), 1) for _ in distance))
    return table
