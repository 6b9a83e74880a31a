"""The encoder as ONNX: tokens and mask to token states and the finished embedding, for any number and length of texts.

One file, or one for each side where the backbones are two. Checked as the folder is, with onnxruntime.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from src.data.tokens import tokenize
from src.encoder.dual_encoder import DualEncoder
from src.encoder.pooling import POOLINGS
from src.encoder.settings import Side
from src.errors import InputError
from src.exporting.check import SIDES, difference, judged, ours
from src.exporting.samples import sample_texts

FOLDER = "onnx"
PACKAGES = ("onnx", "onnxscript", "onnxruntime")
INPUTS, OUTPUTS = ("input_ids", "attention_mask"), ("last_hidden_state", "sentence_embedding")


class Whole(nn.Module):
    """One side of an encoder, from padded tokens to embeddings."""

    def __init__(self, encoder: DualEncoder, side: Side) -> None:
        super().__init__()
        backbones: Any = encoder.backbones
        self.backbone = backbones["shared" if encoder.shared else side]
        self.pooling, self.normalize = POOLINGS[encoder.settings.pooling], encoder.normalize

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Token states [texts, length, dimension] and embeddings [texts, dimension]."""
        output = self.backbone(input_ids=input_ids, attention_mask=attention_mask)
        pooled = self.pooling(output, attention_mask)
        return output.last_hidden_state, functional.normalize(pooled, dim=-1) if self.normalize else pooled


def check_onnx_possible(encoder: DualEncoder) -> None:
    """InputError where packages are missing or the graph would leave something out."""
    if missing := [name for name in PACKAGES if find_spec(name) is None]:
        what = f"ONNX needs the packages {', '.join(missing)}"
        raise InputError(what, where="onnx=true", fix="pip install -e '.[onnx]'")
    if encoder.debias is not None:
        raise InputError(
            "the ONNX file knows no languages, and this encoder's debiasing goes by them",
            where="onnx=true",
            fix="debiasing=false, or onnx=false",
        )


def file_of(folder: Path, encoder: DualEncoder, side: Side) -> Path:
    """Where a side's graph lies."""
    return folder / FOLDER / ("model.onnx" if encoder.shared else f"{side}.onnx")


def write_onnx(encoder: DualEncoder, folder: Path) -> None:
    """Write the graphs; large weights lie beside them in a .data file."""
    (folder / FOLDER).mkdir()
    tokens = torch.ones((2, 8), dtype=torch.long)
    mask = tokens.clone()
    mask[1, 4:] = 0  # of a mask without padding transformers would leave no trace in the graph
    settings = encoder.settings
    longest = max(settings.max_query_length, settings.max_passage_length)
    shape = {0: torch.export.Dim("batch"), 1: torch.export.Dim("sequence", max=longest)}
    for side in SIDES[1:] if encoder.shared else SIDES:
        with torch.inference_mode(), _quiet():
            torch.onnx.export(
                Whole(encoder, side).eval(),
                (tokens, mask),
                str(file_of(folder, encoder, side)),
                input_names=list(INPUTS),
                output_names=list(OUTPUTS),
                dynamic_shapes=dict.fromkeys(INPUTS, shape),
                dynamo=True,
                verbose=False,
            )


def check_onnx(encoder: DualEncoder, folder: Path, languages: Sequence[str]) -> dict[str, Any]:
    """Run the graphs on samples of all languages; CheckError where they embed otherwise."""
    import onnxruntime

    texts, found = sample_texts(languages), {}
    for side in SIDES:
        session = onnxruntime.InferenceSession(str(file_of(folder, encoder, side)), providers=["CPUExecutionProvider"])
        found[side] = max(
            difference(ours(encoder, code, own, side), _run(session, encoder, own, side)) for code, own in texts.items()
        )
    return judged(found, sum(map(len, texts.values())), list(texts))


def _run(session: Any, encoder: DualEncoder, texts: Sequence[str], side: Side) -> NDArray[np.float32]:
    tokens = tokenize(texts, encoder.tokenizer, encoder.settings.prompt(side), encoder.settings.max_length(side))
    ids = np.full((len(tokens), max(map(len, tokens))), encoder.tokenizer.pad_token_id, np.int64)
    mask = np.zeros_like(ids)
    for row, own in enumerate(tokens):
        ids[row, : len(own)], mask[row, : len(own)] = own, 1
    return session.run([OUTPUTS[1]], dict(zip(INPUTS, (ids, mask), strict=True)))[0]


@contextmanager
def _quiet() -> Iterator[None]:
    """Hold back the exporter's account of its passes, and its warnings: what matters in them is checked here."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
