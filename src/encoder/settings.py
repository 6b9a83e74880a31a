"""What an encoder does around its backbone: plain values, as configured and as saved."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal

from src.encoder.pooling import POOLINGS
from src.errors import InputError

FORMAT = 1  # of encoder.json: raise it when a field changes its meaning
FILE = "encoder.json"
SIZES = "matryoshka_dimensions"  # left out of the file where there are none

Side = Literal["query", "passage"]


@dataclass(frozen=True)
class EncoderSettings:
    """Pooling, normalisation, prompts and lengths; each is checked, whether it comes from YAML or from a checkpoint."""

    name: str
    shared: bool  # one backbone for both sides, or two that start alike
    pooling: str
    normalize: bool  # to unit length, so that dot products are cosines
    query_prompt: str
    passage_prompt: str
    max_query_length: int  # in tokens, with prompt and special tokens
    max_passage_length: int
    matryoshka_dimensions: tuple[int, ...] = ()  # sizes that the embeddings were trained to be cut to

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name != SIZES and type(value).__name__ != field.type:
                raise InputError(f"{field.name} must be {field.type}, got {value!r}", where=f"model.{field.name}")
        if self.pooling not in POOLINGS:
            raise InputError(
                f"unknown pooling {self.pooling!r}", where="model.pooling", fix=f"one of {', '.join(POOLINGS)}"
            )
        for side in ("query", "passage"):
            if self.max_length(side) < 1:
                raise InputError("a maximum length must be above 0", where=f"model.max_{side}_length")
        check_sizes(self.matryoshka_dimensions, where=f"model.{SIZES}")

    def prompt(self, side: Side) -> str:
        """What precedes every text of a side."""
        return self.query_prompt if side == "query" else self.passage_prompt

    def max_length(self, side: Side) -> int:
        """Tokens that a text of a side is cut to."""
        return self.max_query_length if side == "query" else self.max_passage_length

    def write(self, folder: Path) -> None:
        """Save as encoder.json."""
        values = {"format": FORMAT, **asdict(self)}
        if not self.matryoshka_dimensions:
            del values[SIZES]
        (folder / FILE).write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n")

    @classmethod
    def read(cls, folder: Path) -> EncoderSettings:
        """Load and check encoder.json; nothing in it can name code."""
        path = folder / FILE
        if not path.is_file():
            raise InputError("no saved encoder", where=str(path), fix="give the encoder/ folder of a finished run")
        try:
            values = json.loads(path.read_text())
        except ValueError as error:
            raise InputError(f"malformed JSON: {error}", where=str(path)) from error
        expected = {"format", *(field.name for field in fields(cls))}
        if not isinstance(values, dict) or values.keys() | {SIZES} != expected:
            raise InputError(f"expected the keys {', '.join(sorted(expected))}", where=str(path))
        if values.pop("format") != FORMAT:
            raise InputError("an encoder of another format", where=str(path), fix=f"format {FORMAT} is read here")
        try:
            check_sizes(sizes := values.pop(SIZES, []), where=SIZES)
            return cls(**values, matryoshka_dimensions=tuple(sizes))
        except InputError as error:
            raise InputError(error.what, where=str(path), fix=error.fix) from error


def check_sizes(sizes: object, where: str) -> None:
    """InputError unless these are sizes that embeddings can be cut to: different whole numbers from 1 on."""
    listed = list(sizes) if isinstance(sizes, Sequence) and not isinstance(sizes, str) else None
    whole = listed is not None and all(type(size) is int and size >= 1 for size in listed)
    if listed is None or not whole or len(set(listed)) < len(listed):
        raise InputError(
            f"sizes must be a list of different whole numbers from 1 on, got {sizes!r}",
            where=where,
            fix=f"{where}=[64,32]",
        )
