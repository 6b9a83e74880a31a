"""Annealed batches: hybrid ones, whose share of monolingual batches moves from one value to another over the run.

Three batches of 4 in a run of 8 steps, whose alpha goes from 1 to 0, as concept:question language-passage language:

    step 0    8:ar-ar  1:ar-ar  7:ar-ar  3:ar-ar
    step 2    0:ja-ja  7:ja-ja  8:ja-ja  10:ja-ja
    step 3    11:ar-en  9:en-ja  5:en-ja  2:en-ar
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from src.data.pair_index import PairIndex
from src.sampling.annealing import Annealing
from src.sampling.crosslingual import Crosslingual
from src.sampling.interleaved import BLOCK, Interleaved, either
from src.sampling.monolingual import Monolingual
from src.sampling.streams import stream_key
from src.sampling.tosses import Tosses
from src.sampling.weighting import Setting


class Annealed(Interleaved):
    """A batch is the next of `monolingual` with probability alpha(step), else the next of `crosslingual`.

    alpha goes from `start` to `end` over `steps` (`src.sampling.annealing` gives the curves) and stays there, so a plan
    depends on the length of the run, as a learning rate does. Expected shares are those of the whole run. Coins are
    tossed independently, as in `hybrid` (Elmahdy et al., arXiv 2408.10536), which it is when start and end agree.
    """

    def __init__(
        self,
        index: PairIndex,
        batch_size: int,
        seed: int,
        steps: int,
        start: float = 1.0,
        end: float = 0.0,
        schedule: str | Mapping[str, int] = "linear",
        language_weighting: Setting = "uniform",
        dataset_weighting: Setting | None = None,
    ) -> None:
        alpha = Annealing(start, end, steps, schedule)
        parts = [
            kind(index, batch_size, seed, language_weighting, dataset_weighting) for kind in (Monolingual, Crosslingual)
        ]
        tosses = Tosses(alpha.at, stream_key(seed, "annealed", "toss"), BLOCK)
        super().__init__(parts, [alpha.mean(), 1 - alpha.mean()], seed, "annealed", turns=tosses.read)
        self._settings = {
            "strategy": "annealed",
            "schedule": schedule if isinstance(schedule, str) else dict(schedule),
            "start": alpha.start,
            "end": alpha.end,
            "steps": steps,
            "mean_alpha": alpha.mean(),
        }

    def describe(self) -> dict[str, Any]:
        """The curve, expected shares over the run, and the record of each kind of batch, by its own steps."""
        parts = {record["strategy"]: record for record in (part.describe() for part in self.parts)}
        holds = either(parts.values(), self.shares.tolist())
        return {**self._settings, "holds": holds, **super().describe(), **parts}
