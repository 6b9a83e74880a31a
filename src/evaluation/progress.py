"""Progress of long encoding, in the log: it reads the same in a terminal, in a file and on a cluster."""

from __future__ import annotations

import logging
import time

logger = logging.getLogger(__name__)


class LoggedProgress:
    """Says at most every `seconds` how far an encoding is."""

    def __init__(self, what: str, total: int, seconds: float = 10.0) -> None:
        self.what, self.total, self.seconds = what, total, seconds
        self.done, self.said = 0, time.monotonic()

    def __call__(self, texts: int) -> None:
        """Count the texts just encoded."""
        self.done += texts
        if time.monotonic() - self.said >= self.seconds:
            self.said = time.monotonic()
            logger.info("%s: %s of %s texts encoded", self.what, f"{self.done:,}", f"{self.total:,}")
