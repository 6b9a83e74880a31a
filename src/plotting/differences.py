"""Differences between heat-maps: where each group is better than the baseline, and where it is worse."""

from __future__ import annotations

import numpy as np

from src.plotting.case import Case, left_out, seeds_of
from src.plotting.figure import Drawn, Made
from src.plotting.matrices import MOST, Scale, panels
from src.plotting.style import DIVERGING


def differences(case: Case) -> Made:
    """Each group's matrix less the baseline's, zero in the middle of the colours."""
    base = next((group for group in case.groups if group.label == case.baseline), None)
    if base is None:
        return [], ["No differences between heat-maps: there is no baseline to compare with."]
    baseline = case.pairs(base)
    held = [group for group in case.groups if group is not base and case.pairs(group) is not None]
    if baseline is None or not held or len(case.languages) < 2:
        return [], ["No differences between heat-maps: no figures by pairs of languages."]
    groups, others = case.chosen(MOST, held)
    matrices = {group.label: np.asarray(case.pairs(group)) - baseline for group in groups}
    reach = max(float(np.nanmax(np.abs(matrix))) for matrix in matrices.values()) or 1.0
    title = f"{case.metric} gained or lost by language pair, against {base.label}"
    drawn = Drawn(
        f"differences{case.suffix}",
        title,
        f"{case.metric} of each group less that of {base.label}, by language of query (row) and candidate (column): "
        f"blue is better, red is worse, white is equal. Mean over {seeds_of([base, *groups])}. {case.sizes()}.",
        f"Heat-maps of differences in {case.metric} from {base.label}: "
        + "; ".join(f"{label} from {np.nanmin(m):+.2f} to {np.nanmax(m):+.2f}" for label, m in matrices.items())
        + ".",
        panels(title, matrices, case.languages, Scale(DIVERGING, -reach, reach, f"difference in {case.metric}", True)),
    )
    return [drawn], left_out("Differences between heat-maps", len(groups), others)
