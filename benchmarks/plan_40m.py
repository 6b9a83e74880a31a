"""What a plan over 40 million pairs in 9 languages costs: python -m benchmarks.plan_40m

Each strategy is built in a fresh process over an index of 40 million concepts, in two variants: every text in every
language (as in mMARCO), and every text in a random half of the languages. Shown are the time until the first batch of
100 rows is there, the time until step 5,000,000 is, the processor time per row of consecutive batches, and the peak of
resident memory above the interpreter's own, of the index alone and of index and plan together.
Goals: 10 s, 1 GB, 10 microseconds a row.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from functools import partial
from typing import Any

import numpy as np

from src.data.pair_index import PairIndex
from src.sampling.annealed import Annealed
from src.sampling.balanced_negatives import BalancedNegatives
from src.sampling.crosslingual import Crosslingual
from src.sampling.grouped import Grouped
from src.sampling.hybrid import Hybrid
from src.sampling.mixed import Mixed
from src.sampling.monolingual import Monolingual
from src.sampling.rowwise import Rowwise

CONCEPTS, BATCH_SIZE, BATCHES = 40_000_000, 100, 3000
LANGUAGES = ("en", "ar", "zh", "de", "es", "ru", "th", "tr", "hi")
STRATEGIES: dict[str, Any] = {
    **{kind.__name__.lower(): kind for kind in (Monolingual, Mixed, Crosslingual, Hybrid, Rowwise, Grouped)},
    "balanced_negatives": BalancedNegatives,
    "annealed": partial(Annealed, steps=1_000_000),
}
VARIANTS = {"parallel": "all texts in all languages", "patchy": "each text in a random half"}


def make_index(variant: str) -> PairIndex:
    """40 million concepts; four questions share a passage."""
    ids = np.arange(CONCEPTS, dtype=np.int32)
    everywhere = np.broadcast_to(np.uint16((1 << len(LANGUAGES)) - 1), CONCEPTS)
    rng = np.random.default_rng(0)
    question, passage = (
        everywhere if variant == "parallel" else rng.integers(1, 1 << len(LANGUAGES), CONCEPTS, dtype=np.uint16)
        for _ in range(2)
    )
    return PairIndex(
        languages=LANGUAGES,
        question=ids,
        passage=ids // 4,
        question_languages=question,
        passage_languages=passage,
        dataset=np.broadcast_to(np.uint8(0), CONCEPTS),
        datasets=("mmarco",),
    )


def megabytes() -> float:
    """Peak of resident memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(name: str, variant: str) -> dict[str, float]:
    """Costs of one strategy, in this process."""
    bare = megabytes()
    index = make_index(variant)
    with_index = megabytes() - bare
    start = time.perf_counter()
    strategy = STRATEGIES[name](index, BATCH_SIZE, seed=1)
    strategy.plan(0)
    ready = time.perf_counter() - start
    start = time.perf_counter()
    strategy.plan(5_000_000)
    far = time.perf_counter() - start
    start = time.process_time()
    for step in range(BATCHES):
        strategy.plan(step)
    per_row = (time.process_time() - start) / (BATCHES * BATCH_SIZE) * 1e6
    return {"ready": ready, "far": far, "per_row": per_row, "index": with_index, "peak": megabytes() - bare}


def main() -> None:
    """Measure every strategy on both variants and print a table."""
    print(f"{CONCEPTS:,} concepts, {len(LANGUAGES)} languages, batches of {BATCH_SIZE}, numpy {np.__version__}\n")
    print(f"{'':<15}{'first batch':>13}{'step 5,000,000':>17}{'a row':>10}{'index':>10}{'index + plan, peak':>21}")
    for variant, meaning in VARIANTS.items():
        print(meaning)
        for name in STRATEGIES:
            command = [sys.executable, "-m", "benchmarks.plan_40m", name, variant]
            cost = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
            print(
                f"  {name:<19}{cost['ready']:>11.2f} s{cost['far']:>15.2f} s{cost['per_row']:>7.2f} µs"
                f"{cost['index']:>7.0f} MB{cost['peak']:>18.0f} MB"
            )


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(measure(*sys.argv[1:])))
    else:
        main()
