"""Debiasing in modules that sentence-transformers brings: for each language one matrix and bias, chosen by the task.

e - m - B^T B (e - m) = (I - B^T B) e - (I - B^T B) m.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from src.encoder.debias import Debias
from src.exporting.modules import IDENTITY, Linear, write_dense, write_router


def removal(debias: Debias, language: str) -> Linear:
    """What is removed from a language's embeddings, as one matrix and bias; made in float64."""
    own = debias.languages.index(language)
    basis = debias.basis[own].astype(np.float64)
    kept = np.eye(debias.mean.shape[1]) - basis.T @ basis
    return Linear(kept.astype(np.float32), -(kept @ debias.mean[own]).astype(np.float32))


def write_removals(debias: Debias, folder: Path) -> None:
    """Write a Router with one Dense a language, the task being the language."""
    for language in debias.languages:
        write_dense(folder / language, removal(debias, language), IDENTITY)
    write_router(folder, dict.fromkeys(debias.languages, "Dense"), {code: [code] for code in debias.languages})
