"""A whole preflight: parts, places, a few steps, and what the run would take."""

from __future__ import annotations

import logging
from pathlib import Path

from omegaconf import DictConfig
from rich.console import Console

from src.evaluation.encoding import Encoding
from src.preflight import estimate
from src.preflight.compose import option_mistakes
from src.preflight.findings import Findings, NotCheckedError
from src.preflight.measure import measure_steps
from src.preflight.memory import Memory, static, total
from src.preflight.parts import check_devices, check_parts
from src.preflight.places import check_place, check_room, check_wandb, gigabytes
from src.reporting.commands import nearby
from src.reporting.folder import OUTPUT_FIX, resolved
from src.reporting.preflight import report_preflight
from src.reporting.record import finished
from src.reporting.settings import config_hash, settings
from src.training.assembly import Parts
from src.training.sharding import NAME as SHARDED

OPTIONS = "options"


def check_run(config: DictConfig, defaults: DictConfig, out: Console, command: str) -> Findings:
    """Check everything that can be, print it, and say what the run would take if it can be assembled."""
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    found = Findings(config)
    for mistake in option_mistakes(config):
        found.problem(OPTIONS, mistake)
    if not found.problems:
        found.check(OPTIONS, lambda: (None, "all are known, and within bounds"))
    if not isinstance(config.cache_dir, str):
        config.cache_dir = defaults.cache_dir  # as for any part that failed: what is wrong with others still shows
    cache, folder = Path(config.cache_dir), Path(config.run_dir)
    before = _caches(cache)
    processes = found.check("devices", lambda: check_devices(config))
    found.check("output folder", lambda: check_output(config, folder))
    found.check("cache", lambda: check_place(cache, "choose another with cache_dir=..."))
    found.check("W&B", lambda: check_wandb(config.logger))
    parts = check_parts(found, config, defaults)
    check_resume(found, config, parts, folder)
    estimates: dict[str, str] = {}
    if parts is not None:
        estimates = measured(found, config, parts, processes, folder)
    made = [str(nearby(each)) for each in sorted(_caches(cache) - before)]
    report_preflight(out, found.all, estimates, made=made, command=command)
    return found


def check_output(config: DictConfig, folder: Path) -> tuple[Path, str]:
    """The place of the run's folder, which may hold the very run."""
    there, what = check_place(folder, OUTPUT_FIX)
    known = finished(folder, config_hash(resolved(config), folder))
    return there, what if known is None else f"{nearby(folder)}: already finished, not run again"


def check_resume(found: Findings, config: DictConfig, parts: Parts | None, folder: Path) -> None:
    """The checkpoint to go on from, if any is asked for."""
    if config.trainer.resume is None:
        return

    def look() -> tuple[None, str]:
        from src.training.fit import check_resume as check_start
        from src.training.resume import find_start

        start = find_start(config.trainer.resume, folder / "checkpoints", settings(resolved(config), folder))
        if start.checkpoint is None:
            return None, f"none in {nearby(folder)} yet: the run would start anew"
        if parts is None:
            raise NotCheckedError(f"{start.checkpoint}, step {start.step}: whether it fits needs the parts above")
        check_start(parts, start.checkpoint, config.max_steps)
        return None, f"{nearby(start.checkpoint)}, step {start.step}"

    found.check("resume", look)


def measured(found: Findings, config: DictConfig, parts: Parts, processes: int | None, folder: Path) -> dict[str, str]:
    """Room on disk, then real steps, and what follows from them."""
    encoding: Encoding = parts.scoring["encoding"]

    def disk() -> tuple[int, str]:
        if found.failed(OPTIONS):
            raise NotCheckedError("needs the options")
        room = estimate.room(config, parts, folder, encoding)
        return room[folder], check_room(room)

    written = found.check("disk", disk)
    estimates = {} if written is None else {"disk": f"{gigabytes(written)} in the run's folder"}

    def steps() -> tuple[estimate.Span, str]:
        if processes is None or found.failed(OPTIONS):
            raise NotCheckedError("needs the devices and the options")
        if config.trainer.strategy == SHARDED:
            raise NotCheckedError("weights are shared out over the ranks, and this is one process")
        if parts.callbacks:
            raise NotCheckedError("the teacher would first embed all training texts")
        _check_memory(config, parts)
        watch, memory = measure_steps(config, parts, processes)
        span = estimate.Span.of(watch.seconds)
        estimates.update(_memory(memory, processes))
        return span, f"{len(watch.seconds)} measured on {watch.device}: {span} each"

    step = found.check("steps", steps)
    if step is not None:
        text = estimate.seconds_a_text(parts, encoding)
        estimates.update(
            {what: str(span) for what, span in estimate.whole_run(config, parts, step, text, processes or 1).items()}
        )
        estimates["not counted"] = "start, reading data, search" + (
            ", and what processes tell each other" if (processes or 1) > 1 else ""
        )
    return estimates


def _check_memory(config: DictConfig, parts: Parts) -> None:
    """InputError before a step that could not fit, and would take the machine with it."""
    from src.encoder.device import choose_device
    from src.errors import InputError

    needed = sum(static(parts.module).values())
    device = choose_device("cpu" if config.trainer.accelerator == "cpu" else "auto")
    if needed > total(device):
        raise InputError(
            f"parameters, gradients and optimizer take {gigabytes(needed)}, and {gigabytes(total(device))} are there",
            where="model, trainer.accelerator",
            fix="adapter=lora or freeze.embeddings=true train fewer; or a larger device",
        )


def _memory(memory: Memory, processes: int) -> dict[str, str]:
    sizes = ", ".join(f"{what} {gigabytes(size)}" for what, size in memory.parts.items())
    each = " in each process" if processes > 1 else ""
    return {
        "memory": f"{gigabytes(memory.peak)} of {gigabytes(memory.total)}{each} ({memory.device.type}): {sizes}, "
        f"activations, data and all else {gigabytes(memory.rest)}"
    }


def _caches(folder: Path) -> set[Path]:
    """What is kept in the cache: a folder for each dataset, table of tokens and so on."""
    return {each for each in folder.glob("*/*") if not each.name.startswith(".")}
