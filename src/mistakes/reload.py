"""The benchmark that runs were scored on and their encoders, once more, from what the runs recorded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.comparing.runs import Run
from src.errors import InputError
from src.evaluation.benchmark import Benchmark
from src.evaluation.encoding import Encoding
from src.evaluation.suite import benchmarks_of
from src.reporting.folder import CONFIG

if TYPE_CHECKING:
    import torch

    from src.encoder.dual_encoder import DualEncoder
    from src.retrieval.search import Search

AGAIN = "score it again with python -m src.evaluate"


def load_benchmark(run: Run, name: str, folder: str | None = None) -> Benchmark:
    """The benchmark of a run; `folder` is where its files are now, if not where they were.

    InputError where its content is not what was scored.
    """
    section = dict(run.config["benchmark"])
    if folder is not None:
        if "folder" not in section:
            raise InputError(f"{name} reads no folder", where="benchmark_folder", fix="benchmark_folder=null")
        section["folder"] = folder
    read = made(section, run, "benchmark", "src.evaluation.benchmarks.")
    loaded = {each.name: each for each in benchmarks_of(read())}
    scored = str(run.metrics[name]["fingerprint"])
    if name not in loaded or loaded[name].fingerprint != scored:
        found = f"fingerprint {loaded[name].fingerprint[:12]}" if name in loaded else ", ".join(loaded)
        raise InputError(
            f"what is loaded now is not what was scored: {name} with fingerprint {scored[:12]}, and now {found}",
            where=str(run.folder / CONFIG),
            fix=f"benchmark_folder=FOLDER with the files of then (their hashes are in record.json), or {AGAIN}",
        )
    return loaded[name]


def load_search(run: Run) -> Search:
    """The search that the run was scored with."""
    from src.retrieval.exact import ExactSearch

    section = run.config.get("search")
    return ExactSearch() if section is None else made(section, run, "search", "src.retrieval.")


def load_encoder(run: Run, device: torch.device, benchmark: Benchmark, encoding: Encoding) -> DualEncoder:
    """The encoder that a run scored, with what was removed from its embeddings."""
    encoder = _encoder(run).to(device)
    section = run.config.get("debias")
    if section is not None and "checkpoint" in run.config:  # a training run saved its own with the encoder
        from src.evaluation.debiasing import prepare

        fitted = prepare(made(section, run, "debias", "src.encoder."), benchmark).fit(encoder, encoding)
        if fitted.fingerprint != (run.record.get("debias") or {}).get("fingerprint"):
            raise InputError("debiasing now removes something else than then", where=str(run.folder), fix=AGAIN)
    return encoder


def made(section: Any, run: Run, where: str, room: str) -> Any:
    """What a section of a run's configuration describes; InputError where it names code from elsewhere."""
    from hydra.utils import instantiate
    from omegaconf import OmegaConf

    foreign = [target for target in _targets(section) if not target.startswith(room)]
    if foreign:
        what = f"the run's configuration names code that does not belong there: {foreign[0]}"
        raise InputError(what, where=f"{run.folder / CONFIG}: {where}", fix=AGAIN)
    return instantiate(OmegaConf.create(section))


def _targets(section: Any) -> list[str]:
    if isinstance(section, Mapping):
        own = [str(section["_target_"])] if "_target_" in section else []
        return own + [target for value in section.values() for target in _targets(value)]
    return [target for value in section for target in _targets(value)] if isinstance(section, list) else []


def _encoder(run: Run) -> DualEncoder:
    import torch

    from src.encoder.build import HINTS
    from src.encoder.restore import restore

    if "checkpoint" not in run.config:
        return restore(run.folder)
    named = run.config["checkpoint"]
    if named is None:
        torch.manual_seed(run.config["seed"])
        section = {key: value for key, value in run.config["model"].items() if key != HINTS}
        return made(section, run, "model", "src.encoder.")(texts=lambda: iter(()))
    for base in (Path.cwd(), *run.folder.parents):  # a relative path is from where the evaluation was typed
        if (base / named).exists():
            return restore(base / named)
    fix = f"put it back, or {AGAIN} and save_run=true"
    raise InputError("the encoder that was scored is gone", where=f"{run.folder}: checkpoint={named}", fix=fix)
