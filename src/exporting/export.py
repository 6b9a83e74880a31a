"""An export from a checkpoint to a checked folder."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from src.encoder.dual_encoder import DualEncoder
from src.encoder.identity import encoder_identity
from src.encoder.restore import restore
from src.exporting.card import Card
from src.exporting.check import check_folder, check_installed
from src.exporting.folder import CARD, EXPORT, check_free, copy_run, whole, without_places
from src.exporting.hub import check_push
from src.exporting.layout import check_layout, write_layout
from src.exporting.onnx import check_onnx, check_onnx_possible, write_onnx
from src.exporting.results import results_of
from src.exporting.settings import Options
from src.exporting.source import Source, read_source
from src.reporting.environment import environment
from src.reporting.folder import plain, write_json

log = logging.getLogger(__name__)


def export(options: Options, folder: Path) -> dict[str, Any]:
    """Write, check and describe; returns what export.json holds. Nothing is left where a check failed."""
    check_installed()
    check_free(folder)
    if options.push_to is not None:
        check_push(options.push_to)
    encoder = restore(options.checkpoint).cpu()
    left_out = _without_debiasing(encoder) if not options.debiasing else None
    without = f"they were measured with debiasing ({left_out}), which this model lacks" if left_out else None
    source = read_source(options.checkpoint, options.evaluations, without=without)
    check_layout(encoder)
    if options.onnx:
        check_onnx_possible(encoder)
    _warn(encoder)
    with whole(folder) as temporary:
        record = _write(options, encoder, source, temporary)
        card = _card(options, encoder, source, record, folder.name, left_out)
        (temporary / CARD).write_text(without_places(card.text()), encoding="utf-8")
        write_json(temporary / EXPORT, record)
    return record


def _write(options: Options, encoder: DualEncoder, source: Source, folder: Path) -> dict[str, Any]:
    write_layout(encoder, folder, instruction_prompts(source.config, encoder.query_prompt))
    languages = _checked_languages(encoder, source)
    record = {
        "encoder": encoder_identity(encoder),
        "options": {key: _told(value) for key, value in vars(options).items()},
        "check": check_folder(encoder, folder, languages),
        "environment": {**environment(), "sentence-transformers": version("sentence-transformers")},
    }
    if options.onnx:
        write_onnx(encoder, folder)
        record["onnx"] = check_onnx(encoder, folder, languages)
    copy_run(source.trained.folder, folder)
    return record


def instruction_prompts(config: Mapping[str, Any], prompt: str) -> dict[str, str]:
    """By dataset what its queries were preceded by in training; the model's own prompt comes first."""
    lead = str(config.get("instruction_template", "")).removesuffix("{text}")
    instructions = config.get("instructions") or {}
    return {name: prompt + lead.replace("{instruction}", text) for name, text in instructions.items()}


def _told(value: Any) -> Any:
    return value if value is None or isinstance(value, bool) else without_places(str(plain(value)))


def _without_debiasing(encoder: DualEncoder) -> str | None:
    if encoder.debias is None:
        return None
    left_out = f"{encoder.debias.about.get('method')}, fitted on {encoder.debias.about.get('source')}"
    log.warning("exported without the run's debiasing (%s): its embeddings differ from the run's results", left_out)
    encoder.debias = None
    return left_out


def _warn(encoder: DualEncoder) -> None:
    settings = encoder.settings
    if encoder.shared and settings.max_query_length != settings.max_passage_length:
        log.warning(
            "queries are cut to %d tokens and passages to %d, and sentence-transformers keeps one length: the folder "
            "has the passages', and its card says how to embed long queries alike",
            settings.max_query_length,
            settings.max_passage_length,
        )


def _checked_languages(encoder: DualEncoder, source: Source) -> list[str]:
    """Those that the encoder is debiased for, else those it was trained in, and English for a run that told none."""
    return list(encoder.debias.languages) if encoder.debias else source.languages or ["en"]


def _card(
    options: Options, encoder: DualEncoder, source: Source, record: Mapping[str, Any], folder: str, left_out: str | None
) -> Card:
    return Card(
        name=options.name or options.push_to or source.name,
        address=options.push_to or folder,
        license=options.license,
        data_license=options.data_license,
        encoder=encoder,
        source=source,
        results=results_of(source.measured) if source.measured else [],
        check=record["check"],
        left_out=left_out,
    )
