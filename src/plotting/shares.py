"""Shares of languages among the best of the mixed pool: whom a query in each language is sent to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from src.comparing.grouping import RunGroup
from src.evaluation.bias import TOP
from src.plotting.case import Case, left_out, seeds_of
from src.plotting.figure import Drawn, Made
from src.plotting.matrices import MOST, Scale, panels
from src.plotting.style import SEQUENTIAL

KEY = f"shares@{TOP}"
AGAIN = "score them again with python -m src.evaluate"


def shares(case: Case) -> Made:
    """A panel a group whose every run has them."""
    if "multilingual" not in case.summary["settings"]:
        return [], [f"No language shares among the {TOP} best: no pool of all languages was searched."]
    matrices = {group.label: _mean(case, group) for group in case.groups}
    held = [group for group in case.groups if matrices[group.label] is not None]
    without = [group.label for group in case.groups if matrices[group.label] is None]
    notes = [f"No language shares among the {TOP} best of {'; '.join(without)}: {AGAIN}."] if without else []
    if not held:
        return [], [f"No language shares among the {TOP} best: no run left any; {AGAIN}."]
    groups, others = case.chosen(MOST, held)
    found = {group.label: np.asarray(matrices[group.label]) for group in groups}
    own = {label: float(np.nanmean(np.diagonal(matrix))) for label, matrix in found.items()}
    title = f"Languages among the {TOP} best of the pool of all languages"
    drawn = Drawn(
        f"shares{case.suffix}",
        title,
        f"Share of each candidate language among the {TOP} best of the row's queries; each row sums to 1. A ranking "
        f"without language bias shows every language its share of the pool"
        f"{_unbiased(case)}; a bright diagonal is a preference for the query's own language. "
        f"Mean over {seeds_of(groups)}. {case.sizes()}.",
        "Heat-maps of language shares; on the diagonal, the query's own language, on average "
        + "; ".join(f"{value:.2f} for {label}" for label, value in own.items())
        + ".",
        panels(title, found, case.languages, Scale(SEQUENTIAL, 0, 1, f"share of the {TOP} best")),
    )
    return [drawn], notes + left_out("Language shares", len(groups), others)


def _mean(case: Case, group: RunGroup) -> NDArray[np.float64] | None:
    """Mean over runs; None where one has none."""
    held = [summary.get(KEY) for summary in case.summaries(group)]
    return None if any(each is None for each in held) else np.array(held, dtype=np.float64).mean(axis=0)


def _unbiased(case: Case) -> str:
    share = case.summary["bias"].get(f"same_language@{TOP}_unbiased")
    return "" if share is None else f" (on average {share:.2f})"
