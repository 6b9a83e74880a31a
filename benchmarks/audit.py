"""What the zero-shot audit of a million passages costs: python -m benchmarks.audit

Synthetic passages of 100 words (700 characters) in five sentences. Each case runs in a fresh process, which first makes
and writes its data; shown are the time of the comparison alone, the peak of the memory that the process has to itself
(interpreter and all) and of that with the mapped files, which the system takes back when it needs to, and how many of
the planted copies and edits were found. An edit changes one word in ten.
Exact copies alone are what each training run looks for. Goals: minutes, and under 2 GB.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from src.data.mapped_strings import MappedStrings
from src.data.texts import ParallelTexts
from src.zero_shot.search import find
from src.zero_shot.sides import TrainingTexts

WORDS, SENTENCE, VOCABULARY, PLANTED = 100, 20, 200_000, 5_000
CASES = {  # training passages, benchmark passages, similarity, whether sentences are compared, too
    "training 1,000,000, benchmark 20,000": (1_000_000, 20_000, 0.7, True),
    "passages as wholes": (1_000_000, 20_000, 0.7, False),
    "exact copies alone": (1_000_000, 20_000, None, True),
    "training 20,000, benchmark 1,000,000": (20_000, 1_000_000, 0.7, True),
    "training 1,000,000, benchmark 1,000,000": (1_000_000, 1_000_000, 0.7, False),
}


def passages(seed: int, count: int) -> Iterator[str]:
    """Words drawn as in natural text, where a word's frequency falls with its rank."""
    rng = np.random.default_rng(0)
    letters = rng.integers(97, 123, (VOCABULARY, 12), dtype=np.uint8)
    lengths = np.clip(rng.poisson(6, VOCABULARY), 2, 12)
    words = np.array([bytes(row[:size]).decode() for row, size in zip(letters, lengths, strict=True)], object)
    rng = np.random.default_rng(seed)
    for start in range(0, count, 1000):
        drawn = np.exp(rng.random((min(1000, count - start), WORDS)) * np.log(VOCABULARY)).astype(int) - 1
        for row in words[drawn]:
            yield " ".join(" ".join(row[at : at + SENTENCE]).capitalize() + "." for at in range(0, WORDS, SENTENCE))


def benchmark_passages(count: int) -> Iterator[str]:
    """The first PLANTED are trained on, the next PLANTED with a word in ten changed, and the others are new."""
    for place, text in enumerate(passages(1, 2 * PLANTED)):
        words = text.split()
        yield text.upper() if place < PLANTED else " ".join(w if i % 10 else "new" for i, w in enumerate(words))
    yield from passages(2, count - 2 * PLANTED)


class Owned(threading.Thread):
    """The largest number of kilobytes that the process had to itself, looked at ten times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._most, self._stopped = 0, threading.Event()

    def run(self) -> None:
        """Look until stopped."""
        while not self._stopped.wait(0.1):
            status = Path("/proc/self/status").read_text()
            self._most = max(self._most, int(status.split("RssAnon:")[1].split()[0]))

    def stop(self) -> int:
        """What was found."""
        self._stopped.set()
        self.join()
        return self._most


def measure(trained: int, held: int, similarity: float | None, sentences: bool) -> dict[str, float]:
    """Costs of one case, in this process."""
    with tempfile.TemporaryDirectory() as folder:
        texts = ParallelTexts.write(Path(folder, "training"), ["en"], {"en": passages(1, trained)})
        ParallelTexts.write(Path(folder, "benchmark"), ["en"], {"en": benchmark_passages(held)})
        strings = MappedStrings.open(Path(folder, "benchmark", "en.arrow"), 0)
        ids: NDArray[np.int32] = np.arange(trained, dtype=np.int32)
        owned = Owned()
        owned.start()
        start = time.perf_counter()
        (found,) = find([strings], TrainingTexts(texts, lambda _: ids, sentences=sentences), similarity)
        seconds = time.perf_counter() - start
    return {
        "seconds": seconds,
        "owned": owned.stop() / 1024,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "exact": int(found.exact[:PLANTED].sum()),
        "near": int(found.near[PLANTED : 2 * PLANTED].sum()),
        "false": int(found.near[2 * PLANTED :].sum()),
    }


def main() -> None:
    """Measure all cases and print a table."""
    print(f"passages of {WORDS} words; planted: {PLANTED:,} copies and {PLANTED:,} edits\n")
    print(f"{'':<42}{'time':>8}{'owned':>10}{'mapped, too':>13}{'copies':>9}{'edits':>8}{'others':>8}")
    for name, case in CASES.items():
        command = [sys.executable, "-m", "benchmarks.audit", json.dumps(case)]
        cost = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        print(
            f"{name:<42}{cost['seconds']:>6.0f} s{cost['owned']:>7.0f} MB{cost['peak']:>10.0f} MB"
            f"{cost['exact']:>9,.0f}{cost['near']:>8,.0f}{cost['false']:>8,.0f}",
            flush=True,
        )


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(measure(*json.loads(sys.argv[1]))))
    else:
        main()
