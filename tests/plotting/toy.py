"""Comparisons of small runs written by hand, with all that figures are drawn from."""

from pathlib import Path
from typing import Any

import numpy as np

from src.comparing.comparing import Comparison, compare_runs
from src.comparing.interval import Bootstrap
from src.evaluation.parallel_sample import ParallelSample
from src.reporting.csv_logger import CsvLogger
from src.reporting.folder import read_json, write_json
from src.reporting.loggers import LoggedRun
from src.reporting.samples import write_sample
from tests.written_runs import LANGUAGES, make_evaluation, make_run

CONCEPTS = 6
BASE = {"monolingual": 0.3, "crosslingual": 0.5, "hybrid": 0.6}


def value_of(choice: str, seed: int, bonus: float = 0.0):
    """The score of a query: of its language, of its concept, and better within a language than across."""

    def value(setting: str, concept: int, query: str, candidate: str) -> float:
        own = 0.1 if query == candidate else 0.0
        return BASE.get(choice, 0.4) + own + 0.01 * concept + 0.02 * LANGUAGES.index(query) + 0.001 * seed + bonus

    return value


def sample_of(choice: str, seed: int) -> ParallelSample:
    rng = np.random.default_rng([seed, *choice.encode()])
    concept, language = np.divmod(np.arange(3 * CONCEPTS), 3)
    ids = [f"{LANGUAGES[code]}_{number}" for number, code in zip(concept, language, strict=True)]
    vectors = rng.normal(size=(len(ids), 5)).astype(np.float16)
    return ParallelSample(vectors, ids, concept.astype(np.int32), language.astype(np.int16), LANGUAGES)


def write(folder: Path, choice: str, seed: int, *, shares: bool = True, sample: bool = True, curve: bool = True,
          sampler: dict[str, Any] | None = None, bonus: float = 0.0) -> Path:  # fmt: skip
    """A run, with or without what newer runs leave."""
    evaluation = make_evaluation(value_of(choice, seed, bonus), concepts=CONCEPTS)
    if shares:
        evaluation.summary["shares@10"] = shares_of(seed)
    name = f"{choice}{''.join(map(str, (sampler or {}).values()))}-{seed}".replace("/", "")
    settings = sampler or {"_target_": choice}
    run = make_run(folder / name, seed=seed, sampler=settings, choice=choice, evaluations=[evaluation])
    if sample:
        write_sample(run, "toy", sample_of(choice, seed))
    if curve:
        logger = CsvLogger(LoggedRun(run, {}, None, "run", "train"))
        for step in (10, 20, 30):
            logger.log_metrics(
                {"val/mAP": seed / 10 + step / 100, "val/loss": 1.0, "train/seconds": 2.0 * step}, step - 1
            )
    return run


def shares_of(seed: int) -> list[list[float]]:
    """Each row sums to 1."""
    own = 0.5 + seed / 10
    return [[own if row == column else (1 - own) / 2 for column in range(3)] for row in range(3)]


def compared(folder: Path) -> Comparison:
    return compare_runs([folder], Bootstrap(50))


def strategies(folder: Path, seeds: tuple[int, ...] = (1, 2), **options: Any) -> Comparison:
    """Three strategies."""
    for choice in BASE:
        for seed in seeds:
            write(folder, choice, seed, **options)
    return compared(folder)


def alphas(folder: Path, values: tuple[float, ...] = (0.0, 0.5, 1.0), seeds: tuple[int, ...] = (1, 2)) -> Comparison:
    """One strategy at several values of a setting."""
    for alpha in values:
        for seed in seeds:
            write(folder, "hybrid", seed, sampler={"_target_": "hybrid", "alpha": alpha}, bonus=alpha / 10)
    return compared(folder)


def without_results(run: Path, key: str) -> None:
    """Take a part out of a run's metrics."""
    metrics = read_json(run / "metrics.json")
    for summary in metrics.values():
        del summary[key]
    write_json(run / "metrics.json", metrics)
