"""Matryoshka: any objective on the first numbers of each embedding too (arXiv 2205.13147)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import instantiate
from torch import Tensor, nn
from torch.nn import functional

from src.errors import InputError
from src.objectives.contrast import Contrast


class Matryoshka(nn.Module):
    """sum_k w_k L(embeddings cut to their first d_k numbers and normalised), L the `inner` objective.

    `dims` lists d_k; None: the encoder's dimension d, d/2, d/4 ... down to `smallest`. `weights` go with `dims`, one
    each; None: 1 each. Parameters of the inner objective are shared by all sizes.
    """

    def __init__(
        self,
        inner: nn.Module,
        dims: Sequence[int] | None = None,
        smallest: int = 32,
        weights: Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        _check_sizes(dims, smallest)
        _check_weights(weights, dims)
        self.inner = inner
        self.smallest = smallest
        self._weight_of = None if dims is None else dict(zip(dims, weights or [1.0] * len(dims), strict=True))
        self._dimensions: tuple[int, ...] = ()

    @property
    def requires_negatives(self) -> bool:
        """Whether the data must have explicit negatives."""
        return bool(self.inner.requires_negatives)

    @property
    def dimensions(self) -> tuple[int, ...]:
        """The sizes trained, largest first; none before `check` was told the encoder's."""
        return self._dimensions

    def check(self, dimension: int) -> None:
        """Settle the sizes for an encoder's dimension; an InputError where they do not fit it."""
        if self._weight_of is None:
            self._dimensions = _halves(dimension, self.smallest)
        elif max(self._weight_of) > dimension:
            raise InputError(
                f"the embeddings have {dimension} dimensions, {max(self._weight_of)} are asked for",
                where="objective.dims",
                fix=f"sizes up to {dimension}",
            )
        else:
            self._dimensions = tuple(sorted(self._weight_of, reverse=True))

    def forward(self, contrast: Contrast) -> dict[str, Tensor]:
        """The weighted sum of losses, with gradient, each size's own as `loss_at_<size>`, the largest's telemetry."""
        if not self._dimensions:
            self.check(contrast.queries.shape[1])
        found = {size: self.inner(_cut(contrast, size)) for size in self._dimensions}
        weights = self._weight_of or dict.fromkeys(found, 1.0)
        loss = sum(terms["loss"] * weights[size] for size, terms in found.items())
        losses = {f"loss_at_{size}": terms["loss"].detach() for size, terms in found.items()}
        return {**found[self._dimensions[0]], "loss": loss, **losses}


def build_matryoshka(
    inner: Mapping[str, Any],
    dims: Sequence[int] | None = None,
    smallest: int = 32,
    weights: Sequence[float] | None = None,
) -> Matryoshka:
    """From the configuration of the inner objective, whose mistakes are named by their own keys."""
    try:
        return Matryoshka(instantiate(inner), dims, smallest, weights)
    except InstantiationException as error:
        cause = error.__cause__
        if not isinstance(cause, InputError):
            raise
        where, fix = (part and part.replace("objective.", "objective.inner.") for part in (cause.where, cause.fix))
        raise InputError(cause.what, where=where, fix=fix) from error


def _cut(contrast: Contrast, size: int) -> Contrast:
    sides = ("queries", "candidates", "passages", "all_queries")
    # float32 also under autocast: the norm of a cut embedding is part of the score
    return replace(
        contrast, **{side: functional.normalize(getattr(contrast, side)[:, :size].float(), dim=1) for side in sides}
    )


def _halves(dimension: int, smallest: int) -> tuple[int, ...]:
    if dimension < 2 * smallest:
        raise InputError(
            f"the embeddings have {dimension} dimensions, whose half is below the smallest size {smallest}",
            where="objective.smallest",
            fix=f"objective.smallest={dimension // 2}, or a list objective.dims",
        )
    sizes = [dimension]
    while sizes[-1] // 2 >= smallest:
        sizes.append(sizes[-1] // 2)
    return tuple(sizes)


def _check_sizes(dims: Sequence[int] | None, smallest: int) -> None:
    if smallest < 1:
        raise InputError(f"the smallest size must be at least 1, got {smallest}", where="objective.smallest")
    if dims is None:
        return
    whole = all(isinstance(size, int) and not isinstance(size, bool) and size > 0 for size in dims)
    if not whole or not dims or len(set(dims)) < len(dims):
        raise InputError(f"dims must be different whole numbers above 0, got {list(dims)}", where="objective.dims")


def _check_weights(weights: Sequence[float] | None, dims: Sequence[int] | None) -> None:
    if weights is None:
        return
    if dims is None or len(weights) != len(dims):
        raise InputError(
            f"{len(weights)} weights for {'no list' if dims is None else len(dims)} of dims",
            where="objective.weights",
            fix="give objective.dims as many sizes, or objective.weights=null for 1 each",
        )
    numbers = all(isinstance(weight, int | float) and 0 < weight < float("inf") for weight in weights)
    if not numbers:
        raise InputError(f"weights must be numbers above 0, got {list(weights)}", where="objective.weights")
