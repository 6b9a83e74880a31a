"""Progress of a mining, in the log: it reads the same in a terminal, in a file and on a cluster."""

from __future__ import annotations

import logging
import time

logger = logging.getLogger(__name__)


class MiningProgress:
    """Says at most every `seconds` how many questions have been searched with, and how long the rest may take."""

    def __init__(self, total: int, seconds: float = 10.0) -> None:
        self.total, self.seconds = total, seconds
        self.done, self.begun = 0, time.monotonic()
        self.said = self.begun

    def __call__(self, questions: int) -> None:
        """Count the questions just searched with."""
        self.done += questions
        now = time.monotonic()
        if now - self.said >= self.seconds:
            self.said = now
            left = (now - self.begun) * (self.total - self.done) / self.done / 60
            logger.info("mining: %s of %s questions, %.0f min left", f"{self.done:,}", f"{self.total:,}", left)
