"""What is removed from every embedding of a language after training, kept with the encoder that it was fitted to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from src.errors import InputError

FORMAT = 1  # of debias.json: raise it when a field changes its meaning
ABOUT, ARRAYS = "debias.json", "debias.safetensors"
TINY = np.finfo(np.float32).tiny  # an embedding of which nothing is left stays zero


@dataclass(frozen=True, eq=False)
class Debias:
    """For each language a mean and orthonormal directions: e <- e - m - B^T B (e - m), then unit length if asked.

    Queries and candidates are treated alike, each by its own language.
    """

    languages: tuple[str, ...]
    mean: NDArray[np.float32]  # [languages, dimension]; zeros for LIR
    basis: NDArray[np.float32]  # [languages, rank, dimension]; rank 0 for centring
    unit_length: bool
    weights: str  # sha256 of the encoder's weights that it was fitted to
    about: Mapping[str, Any]  # method, texts and how they were chosen: for people and records

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over all that decides what is removed."""
        found = hashlib.sha256(json.dumps([self.languages, self.unit_length, self.basis.shape]).encode())
        for array in (self.mean, self.basis):
            found.update(np.ascontiguousarray(array, dtype="<f4").tobytes())
        return found.hexdigest()

    def remove(
        self, embeddings: NDArray[np.float32], language: NDArray[np.integer], codes: Sequence[str]
    ) -> NDArray[np.float32]:
        """Embeddings [n, dimension] without what is their language's; `codes[language[i]]` is that of row i."""
        numbers = np.unique(language)
        check_fitted(self.languages, [codes[number] for number in numbers], where="debias")
        cleared = np.empty_like(embeddings)
        for number in numbers:
            rows, own = language == number, self.languages.index(codes[number])
            rest = embeddings[rows] - self.mean[own]
            cleared[rows] = rest - (rest @ self.basis[own].T) @ self.basis[own]
        if self.unit_length:
            cleared /= np.maximum(np.linalg.norm(cleared, axis=1, keepdims=True), TINY)
        return cleared

    def save(self, folder: Path) -> None:
        """Write debias.safetensors and debias.json."""
        from safetensors.numpy import save_file

        arrays = {"mean": self.mean, "basis": self.basis}
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, folder / ARRAYS)
        plain = {"languages": self.languages, "unit_length": self.unit_length, "weights": self.weights}
        text = json.dumps({"format": FORMAT, **plain, "about": dict(self.about)}, indent=2, ensure_ascii=False)
        (folder / ABOUT).write_text(text + "\n")

    @classmethod
    def load(cls, folder: Path, dimension: int) -> Debias | None:
        """What `save` wrote for embeddings so long, or None where it wrote nothing."""
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        if not (folder / ABOUT).is_file():
            return None
        try:
            values = json.loads((folder / ABOUT).read_text())
            if values.pop("format") != FORMAT:
                raise ValueError(f"it is of another format, and format {FORMAT} is read here")
            found: dict[str, Any] = {**values, **load_file(folder / ARRAYS), "languages": tuple(values["languages"])}
            loaded = cls(**found)
        except (ValueError, LookupError, TypeError, AttributeError, OSError, SafetensorError) as error:
            raise InputError(
                f"the encoder's debiasing cannot be read ({type(error).__name__}: {error})", where=str(folder / ABOUT)
            ) from error
        shapes = [(len(loaded.languages), dimension), (len(loaded.languages), *loaded.basis.shape[1:2], dimension)]
        if [loaded.mean.shape, loaded.basis.shape] != shapes:
            raise InputError("it does not fit the languages or the encoder", where=str(folder / ARRAYS))
        return loaded


def check_fitted(fitted: Iterable[str], languages: Iterable[str], where: str) -> None:
    """InputError if there are texts of a language whose own nothing was fitted to."""
    known = list(fitted)
    if unknown := sorted(set(languages) - set(known)):
        raise InputError(
            f"debiasing is fitted for {', '.join(known)}, and not for {', '.join(unknown)}",
            where=where,
            fix="debias=center or debias=lir, with debias.texts=FOLDER that has LANGUAGE.txt for all of them",
        )


def discard(folder: Path) -> None:
    """Remove what `Debias.save` left there: it belongs to an earlier encoder."""
    for name in (ABOUT, ARRAYS):
        (folder / name).unlink(missing_ok=True)
