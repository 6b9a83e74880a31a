"""Holding out concepts for validation, in units that must not be torn apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from src.errors import InputError


def hold_out(fraction: float, *units: NDArray[np.integer]) -> NDArray[np.bool_]:
    """[concepts] whether each concept is held out: whole units, evenly spread, `fraction` of their number.

    Several ways to make units are tried in turn, coarsest first: the first that has enough units for one to be held
    out is taken (one article cannot be split, its paragraphs can). Each gives the unit of every concept.
    """
    if not 0 <= fraction < 1:
        raise InputError(f"validation_fraction {fraction} is not in [0, 1)", where="dataset.validation_fraction")
    if fraction == 0:
        return np.zeros(len(units[0]), bool)
    for unit in units:
        labels, numbered = np.unique(unit, return_inverse=True)
        # Unit i is held out where (i + 1) * fraction passes a whole number: every tenth one for 0.1.
        passed = np.floor(np.arange(1, len(labels) + 1) * fraction + 1e-9)
        held = np.diff(passed, prepend=0) > 0
        if held.any():
            return held[numbered]
    raise InputError(
        f"holding out {fraction:.0%} takes more groups of concepts than {len(labels)}",
        where="dataset.validation_fraction",
        fix=f"use at least 1/{len(labels)}, or 0 for no validation" if len(labels) > 1 else "use 0 for no validation",
    )
