"""SQuADShifts: SQuAD's questions asked of other domains, in English (Miller et al., ICML 2020)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from src.errors import InputError
from src.evaluation.benchmarks import squad
from src.evaluation.benchmarks.choice import choose
from src.evaluation.measures import COMMON
from src.evaluation.suite import Suite

DOMAINS = {"new_wiki": "new_wiki", "nyt": "nyt", "reddit": "reddit", "amazon": "amazon_reviews"}  # name -> file
VERSION = "v1.0"


def load(
    folder: str | Path,
    *,
    domains: Sequence[str] = tuple(DOMAINS),
    passage: str = "paragraph",
    metrics: Sequence[str] = COMMON,
    cache_dir: str | Path,
) -> Suite:
    """A benchmark a domain from `{domain}_v1.0.json` or .json.gz; the average is a mean over domains."""
    chosen = choose(domains, DOMAINS, "SQuADShifts", where="benchmark.domains")
    how = {"passage": passage, "metrics": metrics, "cache_dir": cache_dir}
    files = {domain: _find(Path(folder), DOMAINS[domain]) for domain in chosen}
    members = tuple(squad.load(file, name=f"squadshifts-{domain}", **how) for domain, file in files.items())  # type: ignore[arg-type]
    some = "" if set(chosen) == set(DOMAINS) else f"[{','.join(chosen)}]"
    return Suite(f"squadshifts{some}", members, "domains")


def _find(folder: Path, stem: str) -> Path:
    for path in (folder / f"{stem}_{VERSION}.json", folder / f"{stem}_{VERSION}.json.gz"):
        if path.is_file():
            return path
    there = [name for name, file in DOMAINS.items() if list(folder.glob(f"{file}_{VERSION}.json*"))]
    fix = f"set benchmark.folder, or benchmark.domains=[{','.join(there)}]"
    raise InputError(f"no file {stem}_{VERSION}.json", where=str(folder), fix=fix)
