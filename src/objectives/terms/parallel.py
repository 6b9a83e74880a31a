"""Texts of a batch beside their versions in another language, for the terms that compare the two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from src.encoder.settings import Side
from src.objectives.step import Step
from src.objectives.terms.cosine import row_cosines
from src.objectives.terms.options import check_choice
from src.objectives.terms.sides import own_embeddings, own_versions

SIDES: dict[str, tuple[Side, ...]] = {"queries": ("query",), "passages": ("passage",), "both": ("query", "passage")}


@dataclass(frozen=True)
class Parallel:
    """One rank's k texts of a side that have a version in another language; k may be 0, still with a gradient."""

    rows: Tensor  # [k] int64: of this rank's b
    texts: Tensor  # [k, d]
    versions: Tensor  # [k, d]


def parallel_texts(step: Step, side: Side) -> Parallel:
    """This rank's texts of a side and their versions."""
    own, versions = own_embeddings(step, side), own_versions(step, side)
    if versions is None or len(versions.rows) == 0:
        # own embeddings stand in for none: through them this rank joins the others' backward
        return Parallel(torch.empty(0, dtype=torch.long, device=own.device), own[:0], own[:0])
    return Parallel(versions.rows, own[versions.rows], versions.embeddings)


def sides_of(choice: Any, where: str) -> tuple[Side, ...]:
    """Sides that `queries`, `passages` or `both` stands for; an InputError naming `where` for another choice."""
    check_choice(choice, SIDES, where)
    return SIDES[choice]


def parallel_cosine(pairs: list[Parallel]) -> Tensor:
    """Mean cosine of this rank's texts with their versions, without gradient; nan where it has none."""
    with torch.no_grad():
        return torch.cat([row_cosines(each.texts, each.versions) for each in pairs]).mean()
