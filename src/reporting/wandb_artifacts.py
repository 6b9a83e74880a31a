"""A run's artifacts on W&B, and where each comes from: data -> run -> encoder -> evaluation -> results."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.errors import InputError
from src.reporting.folder import CONFIG, METRICS, PER_QUERY, RECORD, plain, read_config, read_json
from src.reporting.trained import ENCODER, trained_by

if TYPE_CHECKING:
    import wandb

log = logging.getLogger(__name__)
LEVELS = ("none", "results", "encoder")
RESULTS = (METRICS, PER_QUERY, RECORD, CONFIG)
LONGEST = 128  # characters of an artifact's name


def check_level(level: str) -> str:
    """The level; InputError for one that is not known."""
    if level not in LEVELS:
        raise InputError(f"Unknown level {level!r}.", where="logger.artifacts", fix=f"use one of {', '.join(LEVELS)}")
    return level


def log_artifacts(run: wandb.Run, folder: Path, level: str, group: str | None) -> None:
    """Log what a finished run used and made; `group` becomes an alias of the versions that it made."""
    if level == "none":
        return
    record = read_json(folder / RECORD)
    for artifact in data_artifacts(record):
        use(run, artifact)
    aliases = ["latest", *([valid(group)] if group else [])]
    if level == "encoder":
        if "training" in record:
            run.log_artifact(encoder_artifact(folder), aliases=aliases)
        elif (scored := _scored(record, folder)) is not None:
            use(run, encoder_artifact(scored))
    run.log_artifact(results_artifact(folder), aliases=aliases)


def use(run: wandb.Run, artifact: wandb.Artifact) -> None:
    """Log an artifact as an input; a server does not take twice what it has.

    W&B's `use_artifact` does the same and then waits for the server, which is why it refuses to offline, where the
    record of the use is kept and sent like any other.
    """
    run._log_artifact(artifact, aliases=[], is_user_created=True, use_after_commit=True)


def data_artifacts(record: Mapping[str, Any]) -> Iterator[wandb.Artifact]:
    """What a run trained, validated and was scored on, by fingerprint: a reference to nothing that could be opened."""
    import wandb

    held = [("data", record[key]["name"], record[key]) for key in ("data", "validation_data") if key in record]
    held += [("benchmark", name, section) for name, section in record.get("benchmarks", {}).items()]
    for kind, name, section in held:
        known = {key: plain(section[key]) for key in ("fingerprint", "languages", "queries") if key in section}
        artifact = wandb.Artifact(artifact_name(kind, name), "dataset", metadata={"name": name, **known})
        artifact.add_reference(f"evenhand://{kind}/{name}/{section['fingerprint']}", name=valid(name), checksum=False)
        yield artifact


def encoder_artifact(run: Path) -> wandb.Artifact:
    """The encoder that a training run chose; its files are read where they lie, not copied."""
    record = read_json(run / RECORD)
    described = {key: record.get(key) for key in ("model", "checkpoint", "choices")}
    described["data"] = record["data"]["fingerprint"]
    described["steps"] = record["training"]["steps"]
    files = sorted(path for path in (run / ENCODER).rglob("*") if path.is_file())
    return _artifact("encoder", "model", run, described, run / ENCODER, files, policy="immutable")


def results_artifact(run: Path) -> wandb.Artifact:
    """A run's results: a folder that they are downloaded to can be compared like the run itself."""
    record = read_json(run / RECORD)
    described = {key: record.get(key) for key in ("choices", "command")}
    files = [run / name for name in RESULTS if (run / name).is_file()]
    return _artifact("results", "results", run, described, run, files, policy="mutable")


def artifact_name(kind: str, *parts: str) -> str:
    """A valid name; one that is too long keeps its beginning and a hash of the whole."""
    name = valid("-".join((kind, *parts)))
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def valid(name: str) -> str:
    """A name or alias with W&B's letters only."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", name).strip("_")


def _artifact(
    kind: str, type_: str, run: Path, described: Mapping[str, Any], base: Path, files: Sequence[Path], *, policy: Any
) -> wandb.Artifact:
    """Named by what the run was asked to do: repeated, it makes another version of the same artifact."""
    import wandb

    config, record = read_config(run), read_json(run / RECORD)
    name = artifact_name(kind, f"{config['name']}-seed{config['seed']}", record["config_hash"][:8])
    artifact = wandb.Artifact(name, type_, metadata=plain({**described, "config_hash": record["config_hash"]}))
    for path in files:
        artifact.add_file(str(path), path.relative_to(base).as_posix(), policy=policy, skip_cache=True)
    return artifact


def _scored(record: Mapping[str, Any], folder: Path) -> Path | None:
    """The training run whose chosen encoder an evaluation scored."""
    trained = trained_by(record, folder)
    if trained is not None and trained.checkpoint is None:
        return trained.folder
    if (record.get("model") or {}).get("checkpoint"):
        log.info("W&B: what was scored is no run's chosen encoder: its artifact is not linked")
    return None
