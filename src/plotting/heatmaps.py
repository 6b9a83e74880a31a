"""Heat-maps: how well queries in each language find answers in each, one panel a group."""

from __future__ import annotations

import numpy as np

from src.plotting.case import Case, left_out, seeds_of
from src.plotting.figure import Drawn, Made
from src.plotting.matrices import MOST, Scale, panels
from src.plotting.style import SEQUENTIAL


def heatmaps(case: Case) -> Made:
    """The tables' metric in each candidate language's own pool."""
    held = [group for group in case.groups if case.pairs(group) is not None]
    if not held or len(case.languages) < 2:
        return [], ["No heat-maps: no figures by pairs of languages."]
    groups, others = case.chosen(MOST, held)
    matrices = {group.label: case.pairs(group) for group in groups}
    whole = {label: matrix for label, matrix in matrices.items() if matrix is not None}
    top = max(float(np.nanmax(matrix)) for matrix in whole.values())
    title = f"{case.metric} by language of query and of candidate"
    drawn = Drawn(
        f"heatmaps{case.suffix}",
        title,
        f"{case.metric} of the row's queries against the candidates in the column's language alone; the diagonal is "
        f"the monolingual setting, the rest the cross-lingual one. Mean over {seeds_of(groups)}. {case.sizes()}.",
        f"Heat-maps of {case.metric}, {len(groups)} panels with a row for each query language and a column for each "
        f"candidate language; the highest value is {top:.2f}.",
        panels(title, whole, case.languages, Scale(SEQUENTIAL, 0, top or 1, case.metric)),
    )
    return [drawn], left_out("Heat-maps", len(groups), others)
