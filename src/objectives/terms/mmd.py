"""MMD: the languages' embeddings with the same distribution under Gaussian kernels, after Gretton et al. 2012."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from src.errors import InputError
from src.objectives.term import Setup
from src.objectives.terms.moments import MomentMatching
from src.objectives.terms.options import check_above_zero, check_bool

WHERE = "terms.mmd.bandwidths"
TINY = 1e-12  # squared distance; texts that all have one embedding would divide by zero


class MMD(MomentMatching):
    """MMD^2 = mean k(a, a') + mean k(b, b') - 2 mean k(a, b), averaged over language pairs.

    k(x, y) is the mean over `bandwidths` s of exp(-||x - y||^2 / (2 s^2)). With `median` they are multiples of the
    median distance between two of the side's texts in the batch, itself without gradient. The biased estimate, with
    each text's kernel with itself in the first two means, is never negative; `unbiased` leaves those out.
    """

    name = "mmd"

    def __init__(
        self,
        setup: Setup,
        side: str = "both",
        translations: bool = False,
        bandwidths: Sequence[float] = (0.5, 1.0, 2.0),
        median: bool = True,
        unbiased: bool = False,
    ) -> None:
        super().__init__(setup, side, translations)
        check_bool(median, "terms.mmd.median")
        check_bool(unbiased, "terms.mmd.unbiased")
        if isinstance(bandwidths, str) or not isinstance(bandwidths, Sequence) or not bandwidths:
            raise InputError(f"a list of numbers above 0 is needed, got {bandwidths!r}", where=WHERE)
        for bandwidth in bandwidths:
            check_above_zero(bandwidth, WHERE)
        self.bandwidths, self.median, self.unbiased = tuple(bandwidths), median, unbiased

    def distance(self, groups: list[Tensor]) -> Tensor:
        """Mean over all pairs of MMD^2, all from one kernel matrix of the batch."""
        sizes = torch.tensor([len(group) for group in groups])
        kernel = self._kernel(_squared_distances(torch.cat(groups)))
        member = functional.one_hot(torch.arange(len(groups)).repeat_interleave(sizes)).to(kernel)
        sums, sizes = member.T @ kernel @ member, sizes.to(kernel)
        across = sums / (sizes[:, None] * sizes)
        within = sums.diagonal() / sizes**2
        if self.unbiased:
            within = (sums.diagonal() - sizes) / (sizes * (sizes - 1))
        a, b = torch.triu_indices(len(groups), len(groups), offset=1, device=kernel.device)
        return (within[a] + within[b] - 2 * across[a, b]).mean()

    def _kernel(self, squared: Tensor) -> Tensor:
        unit = _off_diagonal(squared.detach()).median().clamp(min=TINY) if self.median else 1.0
        kernels = [torch.exp(-squared / (2 * bandwidth**2 * unit)) for bandwidth in self.bandwidths]
        return torch.stack(kernels).mean(0)


def _squared_distances(rows: Tensor) -> Tensor:
    norms = rows.square().sum(1)
    squared = (norms[:, None] + norms - 2 * rows @ rows.T).clamp(min=0)
    return squared.fill_diagonal_(0)  # rounding leaves a little, and k(x, x) is 1


def _off_diagonal(square: Tensor) -> Tensor:
    n = len(square)
    return square.flatten()[1:].view(n - 1, n + 1)[:, :-1]
