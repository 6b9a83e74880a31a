"""The parts of a model card on how an encoder was trained, and whether it has seen what it was scored on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from src.encoder.settings import EncoderSettings
from src.exporting.markdown import escaped, table
from src.exporting.source import Source

GROUPS = ("sampler", "objective", "optimizer", "adapter", "augmentation", "debias")
LABELS = {"sampler": "strategy"}
NOT_TOLD = ("name", "training", "seed")  # of a group: said elsewhere, or advice to other groups


def training_section(source: Source, settings: EncoderSettings) -> str:
    """Data, strategy, objective and sizes, as the run recorded them; the encoder's `settings` as they came to be."""
    config, record = source.config, source.record
    training, model = record.get("training") or {}, record.get("model") or {}
    rows = {
        "parameters": _count(model.get("parameters")),
        "model": _described(source, "model", asdict(settings)),
        **{LABELS.get(group, group): _described(source, group) for group in GROUPS},
        "loss terms": "; ".join(_options(name, term) for name, term in (config.get("terms") or {}).items()),
        "instructions": "; ".join(f"{name}: {text}" for name, text in (config.get("instructions") or {}).items()),
        "batch": f"{config.get('batch_size')} pairs",
        "steps": f"{_count(training.get('steps'))}, {_count(training.get('pairs_seen'))} pairs seen",
        "seed": str(config.get("seed")),
        "checkpoint": source.trained.checkpoint or (record.get("checkpoint") or {}).get("why") or "",
        "code": _code(record),
    }
    told = [[label, escaped(value)] for label, value in rows.items() if value]
    return "\n\n".join(["## Training", _data(record), table(["", ""], told)])


def overlap_section(record: Mapping[str, Any]) -> str:
    """The run's own audit: texts of the benchmarks that it was trained on."""
    heading, overlap = "## Is it zero-shot?", record.get("overlap") or {}
    if not overlap.get("benchmarks"):
        why = overlap.get("why") or "the run recorded none"
        return f"{heading}\n\nNot measured: {why}."
    rows = [
        [name, part, f"{held['all']['texts']:,}", f"{held['all']['exact']:,}", f"{held['all']['exact_share']:.1%}"]
        for name, found in overlap["benchmarks"].items()
        for part, held in found["parts"].items()
    ]
    head = ["benchmark", "texts", "number", "trained on", "share"]
    return f"{heading}\n\nTexts of the benchmark in the training data, by {overlap['measure']}:\n\n{table(head, rows)}"


def _data(record: Mapping[str, Any]) -> str:
    data = record.get("data")
    if not data:
        return "The run recorded no training data."
    train = data["concepts"]["train"]
    counts = ", ".join(f"{code} {count:,}" for code, count in train["by_language"].items())
    parts = ", ".join(f"{name} {count:,}" for name, count in train["by_dataset"].items())
    return (
        f"Trained on {escaped(data['name'])} ({parts} concepts: a question with its passage, in some languages). "
        f"By language: {counts}. Fingerprint `{data['fingerprint'][:16]}`; the files' hashes are in `run/record.json`."
    )


def _described(source: Source, group: str, known: Mapping[str, Any] | None = None) -> str:
    """A group's choice and its options, with what is `known` of those that were left open."""
    choice = (source.record.get("choices") or {}).get(group)
    options = source.config.get(group)
    told = {key: (known or {}).get(key) if value is None else value for key, value in (options or {}).items()}
    return "" if not options else _options(choice or group, told)


def _options(name: str, options: Mapping[str, Any]) -> str:
    told = ", ".join(
        f"{key} {_plain(value)}" for key, value in _flat(options) if value not in (None, "") and key not in NOT_TOLD
    )
    return f"{name} ({told})" if told else name


def _flat(options: Mapping[str, Any], above: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in options.items():
        if key.startswith("_") or f"{above}{key}" in NOT_TOLD:
            continue
        found += _flat(value, f"{above}{key}.") if isinstance(value, Mapping) else [(f"{above}{key}", value)]
    return found


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _code(record: Mapping[str, Any]) -> str:
    git = record.get("git") or {}
    changed = ", with changes that were not committed" if git.get("dirty") else ""
    return f"evenhand at commit {git['commit'][:12]}{changed}" if git.get("commit") else ""


def _count(value: Any) -> str:
    return "" if value is None else f"{value:,}"
