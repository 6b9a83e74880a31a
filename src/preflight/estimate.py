"""What a run would take: seconds and bytes, from a few measured ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from omegaconf import DictConfig

from src.data.datamodule import PairDataModule
from src.encoder.encode import encode
from src.evaluation.benchmark import Benchmark
from src.evaluation.encoding import Encoding
from src.evaluation.suite import benchmarks_of
from src.evaluation.trec import DEPTH
from src.preflight.memory import static
from src.training.assembly import Parts
from src.training.trainer import monitored, validation_every

TEXTS, ROUNDS = 32, 4  # encoded at once, and how often
DAY, HOUR, MINUTE = 86_400, 3600, 60


@dataclass(frozen=True)
class Span:
    """Seconds: in the middle, and from where to where nine in ten of what was measured would put them."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Span:
        """From measurements of one thing."""
        return cls(*(float(np.quantile(seconds, share)) for share in (0.05, 0.5, 0.95)))

    def times(self, count: float) -> Span:
        """So many of them."""
        return Span(self.low * count, self.middle * count, self.high * count)

    def plus(self, other: Span) -> Span:
        """One after the other."""
        return Span(self.low + other.low, self.middle + other.middle, self.high + other.high)

    def __str__(self) -> str:
        return f"{duration(self.middle)} ({duration(self.low)} to {duration(self.high)})"


def duration(seconds: float) -> str:
    """As people say it: 0.52 s, 41 s, 3 min 20 s, 2 h 5 min, 3 d 4 h."""
    if seconds < MINUTE:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    units = (
        (DAY, "d", HOUR, "h")
        if seconds >= DAY
        else (HOUR, "h", MINUTE, "min")
        if seconds >= HOUR
        else (MINUTE, "min", 1, "s")
    )
    large, name, small, other = units
    first, rest = divmod(round(seconds / small), large // small)
    return f"{first} {name} {rest} {other}" if rest else f"{first} {name}"


def seconds_a_text(parts: Parts, encoding: Encoding) -> Span:
    """Of encoding the final benchmark's candidates, drawn all over."""
    texts = max((each.candidates for each in benchmarks_of(parts.benchmark)), key=len)
    rng = np.random.default_rng(0)
    took = []
    for number in range(ROUNDS + 1):
        drawn = [texts.texts[int(place)] for place in rng.integers(0, len(texts), TEXTS)]
        start = perf_counter()
        encode(
            parts.encoder,
            drawn,
            "passage",
            tokens_per_batch=encoding.tokens_per_batch,
            precision=encoding.precision,  # type: ignore[arg-type]
        )
        took += [(perf_counter() - start) / TEXTS] if number else []  # the first is the warm-up
    return Span.of(took)


def texts_of(benchmark: Benchmark) -> int:
    """How many are encoded to score it."""
    return len(benchmark.queries) + len(benchmark.candidates)


def validation_texts(config: DictConfig, parts: Parts) -> int:
    """How many are encoded in one validation, for the loss and for the ranking."""
    held_out = parts.held_out.validation if parts.held_out else None
    pairs = 0
    if held_out is not None and _validated(parts.datamodule):
        most = config.callbacks.validation.max_batches * config.batch_size
        pairs = min(most, len(held_out) * len(held_out.languages))
    return 2 * pairs + (texts_of(parts.validation) if parts.validation else 0)


def whole_run(config: DictConfig, parts: Parts, step: Span, text: Span, processes: int) -> dict[str, Span]:
    """Seconds of training, of all validations, of the final evaluation and of all; processes share the texts."""
    validations = config.max_steps // validation_every(config)
    final = sum(texts_of(each) for each in benchmarks_of(parts.benchmark))
    spans = {
        "training": step.times(config.max_steps),
        f"{validations} validation{'' if validations == 1 else 's'}": text.times(
            validations * validation_texts(config, parts) / processes
        ),
        "final evaluation": text.times(final / processes),
    }
    whole = Span(0, 0, 0)
    for span in spans.values():
        whole = whole.plus(span)
    return {**spans, "in all": whole}


def room(config: DictConfig, parts: Parts, folder: Path, encoding: Encoding) -> dict[Path, int]:
    """Bytes that the run writes into its folder, and into the cache for embeddings that are kept there."""
    runs = sum(map(_run_file, benchmarks_of(parts.benchmark))) if config.save_run else 0
    kept = sum(
        len(each.candidates) * parts.encoder.dimension * np.dtype(encoding.dtype).itemsize
        for each in benchmarks_of(parts.benchmark)
        if encoding.is_for_disk(each.candidates)
    )
    written = _checkpoints(config, parts) + static(parts.encoder)["parameters"] + runs
    cache = Path(encoding.folder or config.cache_dir)
    return {folder: written + kept} if cache == folder else {folder: written, cache: kept}


def _checkpoints(config: DictConfig, parts: Parts) -> int:
    """Bytes of the last ones and the best ones, with the one that is written before another is deleted."""
    sizes, options = static(parts.module), config.callbacks.checkpoint
    whole = sizes["parameters"] + sizes["optimizer"]
    monitor, _ = monitored(config, validated=_validated(parts.datamodule), retrieval=parts.validation)
    best = (whole if options.optimizer else sizes["parameters"]) if monitor else 0
    return (options.keep_last + 1) * whole + options.keep * best


def _run_file(benchmark: Benchmark) -> int:
    """Bytes of a run.trec, all of its lines being as long as one."""
    query, candidate = benchmark.queries.ids[0], benchmark.candidates.ids[0]
    line = f"{query} Q0 {candidate} {DEPTH} 0.123456789 {benchmark.name}\n"
    return len(line.encode()) * len(benchmark.queries) * min(DEPTH, len(benchmark.candidates))


def _validated(datamodule: PairDataModule) -> bool:
    return datamodule.has_validation
