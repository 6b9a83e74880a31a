"""All comparisons with sentence-transformers, one after the other, and their one table: python -m benchmarks.

Each program is a process of its own, so that none finds the imports or the memory of another; what it prints goes to
the standard error, the table and what it was measured on to the standard output. About 12 minutes on two quiet cores.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.summary import one_table
from benchmarks.timing import bf16_units, machine

PACKAGES = ("torch", "pytorch-lightning", "transformers", "sentence-transformers", "faiss-cpu", "numpy")
PROGRAMS: dict[str, tuple[str, ...]] = {  # options that keep the whole short
    "training": ("--pairs", "160"),
    "encoding": ("--texts", "1500"),
    "scoring": ("--without-pytrec-eval",),
    "search": ("--shards", "1", "--queries", "500"),
    "startup": ("--runs", "0"),
}
TINY: dict[str, tuple[str, ...]] = {  # nothing but whether all of it works
    "training": ("--pairs", "8", "--batch-sizes", "8", "--layers", "1", "--hidden-size", "32"),
    "encoding": ("--texts", "32", "--layers", "1", "--hidden-size", "32"),
    "scoring": ("--without-pytrec-eval", "--concepts", "20"),
    "search": ("--shards", "1", "--queries", "10", "--corpus", "2000", "--dimension", "32", "--k", "10"),
    "startup": ("--runs", "0", "--layers", "1", "--hidden-size", "32"),
}
TAKES_BF16 = ("training", "encoding")


def main() -> None:
    """Run the programs, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", nargs="*", metavar="PROGRAM", help=f"some of {', '.join(PROGRAMS)}; none for all")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--bf16", action="store_true", help="also in bfloat16, which this CPU may have no units for")
    parser.add_argument("--tiny", action="store_true", help="sizes that say nothing about speed: does it run?")
    options = parser.parse_args()
    if unknown := set(options.programs) - set(PROGRAMS):
        parser.error(f"no program {', '.join(sorted(unknown))}: choose from {', '.join(PROGRAMS)}")
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder, "rows")
        for name in options.programs or PROGRAMS:
            own = (*(TINY if options.tiny else PROGRAMS)[name], "--repetitions", str(options.repetitions))
            bf16 = ("--bf16",) if options.bf16 and name in TAKES_BF16 else ()
            command = [sys.executable, "-m", f"benchmarks.{name}", *own, *bf16, "--summary", str(rows)]
            subprocess.run(command, check=True, stdout=sys.stderr)
        print(f"{machine(*PACKAGES)}. {bf16_units()}. Medians (least to greatest) of {options.repetitions}")
        print("interleaved repetitions; a ratio is taken within a repetition.\n")
        print(one_table(rows))


if __name__ == "__main__":
    main()
