"""Objectives that fail on one rank, as hardware does."""

import os

from src.objectives.infonce import InfoNCE


class OneRankRaises(InfoNCE):
    """Rank one meets an error at the first step; rank zero waits for it."""

    def forward(self, contrast):
        if os.environ.get("LOCAL_RANK") == "1":
            raise ValueError("rank one is broken")
        return super().forward(contrast)


class OneTaskRaises(InfoNCE):
    """The second of Slurm's tasks meets an error at the first step; the first waits for it."""

    def forward(self, contrast):
        if os.environ["SLURM_PROCID"] == "1":
            raise ValueError("rank one is broken")
        return super().forward(contrast)


class OneRankDies(InfoNCE):
    """Rank one is gone at the first step, without a word."""

    def forward(self, contrast):
        if os.environ.get("LOCAL_RANK") == "1":
            os._exit(9)
        return super().forward(contrast)
