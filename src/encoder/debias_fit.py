"""`debias=`: what sets a language apart, found in embeddings of its texts; its mean, or LIR's principal directions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from src.encoder.debias import Debias
from src.errors import InputError

SIDES = ("both", "query", "passage")

Samples = Mapping[str, Mapping[Literal["query", "passage"], Sequence[str]]]  # language -> side -> texts
Embed = Callable[[Sequence[str], Literal["query", "passage"]], NDArray[np.float32]]
Found = tuple[NDArray[np.float64], NDArray[np.float64]]  # mean [dimension], basis [rank, dimension]


@dataclass(frozen=True)
class Method(ABC):
    """Which texts a removal is fitted to; subclasses say what is removed."""

    texts: str | None  # a folder of LANGUAGE.txt files, one text a line; None: the training texts
    texts_per_language: int  # at most, drawn by the seed
    side: str  # that they are embedded on: query, passage, or both, half of them each
    renormalize: bool  # back to unit length, where the encoder's embeddings are
    seed: int

    def __post_init__(self) -> None:
        if self.texts_per_language < 2:
            what = f"texts_per_language must be a whole number from 2 on, got {self.texts_per_language}"
            raise InputError(what, where="debias.texts_per_language")
        if self.side not in SIDES:
            raise InputError(f"unknown side {self.side!r}", where="debias.side", fix=f"one of {', '.join(SIDES)}")

    @property
    def sides(self) -> tuple[Literal["query", "passage"], ...]:
        """Those that texts are embedded on."""
        both: tuple[Literal["query", "passage"], ...] = ("query", "passage")
        return both if self.side == "both" else tuple(side for side in both if side == self.side)

    @property
    @abstractmethod
    def least(self) -> int:
        """Texts that every language must have."""

    @abstractmethod
    def find(self, embeddings: NDArray[np.float64]) -> Found:
        """Mean and orthonormal directions to remove from a language with these embeddings [n, dimension]."""


@dataclass(frozen=True)
class Center(Method):
    """Each language's mean: e <- e - mean."""

    least = 2  # one text would become nothing

    def find(self, embeddings: NDArray[np.float64]) -> Found:
        """The mean and no direction."""
        return embeddings.mean(axis=0), np.empty((0, embeddings.shape[1]))


@dataclass(frozen=True)
class LIR(Method):
    """Language information removal (2109.04727): e <- e - U_r U_r^T e, U of the SVD of the uncentred embeddings."""

    rank: int  # r

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rank < 1:
            raise InputError(f"rank must be a whole number from 1 on, got {self.rank}", where="debias.rank")

    @property
    def least(self) -> int:
        """One text more than directions, of which as many would leave nothing of it."""
        return self.rank + 1

    def find(self, embeddings: NDArray[np.float64]) -> Found:
        """No mean, and the left singular vectors of the transposed embeddings, as eigenvectors of their products."""
        dimension = embeddings.shape[1]
        if self.rank >= dimension:
            raise InputError(f"{self.rank} of {dimension} dimensions leave nothing", where="debias.rank")
        vectors = np.linalg.eigh(embeddings.T @ embeddings).eigenvectors  # by rising eigenvalue
        return np.zeros(dimension), vectors[:, ::-1][:, : self.rank].T


def fit(method: Method, samples: Samples, embed: Embed, *, normalize: bool, weights: str, source: str) -> Debias:
    """Embed every language's texts and find what to remove; `normalize` says whether the encoder does."""
    found = {code: method.find(_embedded(method, code, sides, embed)) for code, sides in samples.items()}
    counts = {code: sum(map(len, sides.values())) for code, sides in samples.items()}
    options: dict[str, Any] = {**asdict(method), "texts": counts}
    return Debias(
        languages=tuple(found),
        mean=np.stack([mean for mean, _ in found.values()]).astype(np.float32),
        basis=np.stack([basis for _, basis in found.values()]).astype(np.float32),
        unit_length=method.renormalize and normalize,
        weights=weights,
        about={"method": type(method).__name__, "source": source, **options},
    )


def _embedded(
    method: Method, code: str, sides: Mapping[Literal["query", "passage"], Sequence[str]], embed: Embed
) -> NDArray[np.float64]:
    count = sum(map(len, sides.values()))
    if count < method.least:
        raise InputError(
            f"{count} texts in {code} to fit debiasing to, and it needs {method.least}",
            where="debias.texts",
            fix="debias.texts=FOLDER with more of them, one a line",
        )
    return np.concatenate([embed(texts, side) for side, texts in sides.items()]).astype(np.float64)
