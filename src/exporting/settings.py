"""Options of an export, checked before anything is loaded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from src.errors import InputError

TEXTS, SWITCHES = ("data_license", "name", "push_to"), ("debiasing", "onnx", "private")
KNOWN = "such as apache-2.0, mit, cc-by-4.0, cc-by-sa-4.0 or other"


@dataclass(frozen=True)
class Options:
    """What is exported, how it is called, and where it goes."""

    checkpoint: Path
    license: str
    data_license: str | None
    name: str | None
    evaluations: tuple[Path, ...]
    debiasing: bool
    onnx: bool
    push_to: str | None
    private: bool

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Options:
        """From the configuration; InputError for what is missing or of another kind."""
        if not values["checkpoint"]:
            raise InputError("which encoder?", where="checkpoint", fix="checkpoint=outputs/RUN")
        if not isinstance(licence := values["license"], str) or not re.fullmatch(r"[a-z0-9][a-z0-9.+-]*", licence):
            raise InputError(
                f"a model card without a licence lets nobody use the model: got {licence!r}",
                where="license",
                fix=f"license=IDENTIFIER as hubs write it, {KNOWN}; the training data's licences may bind you",
            )
        for key in TEXTS:
            if values[key] is not None and not (isinstance(values[key], str) and values[key].strip()):
                raise InputError(f"{key} must be a text, got {values[key]!r}", where=key)
        for key in SWITCHES:
            if not isinstance(values[key], bool):
                raise InputError(f"{key} must be true or false, got {values[key]!r}", where=key)
        if not isinstance(values["evaluations"], list):
            raise InputError("evaluations must be a list", where="evaluations", fix="evaluations=[outputs/EVALUATION]")
        paths = {"checkpoint": Path(str(values["checkpoint"])), "evaluations": tuple(map(Path, values["evaluations"]))}
        return cls(**paths, **{key: values[key] for key in ("license", *TEXTS, *SWITCHES)})  # type: ignore[arg-type]
