"""Embeddings of many texts: batches of like length under a token budget, so that little is padding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from src.data.chunks import chunk
from src.data.tokens import tokenize
from src.encoder.dual_encoder import DualEncoder
from src.encoder.settings import Side

DTYPES: dict[str | None, torch.dtype] = {"bf16": torch.bfloat16, "fp16": torch.float16}


def encode(
    encoder: DualEncoder,
    texts: Sequence[str],
    side: Side,
    *,
    tokens_per_batch: int = 1024,
    precision: Literal["bf16", "fp16"] | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> NDArray[np.float32]:
    """Embeddings [texts, dimension] in the texts' order, on the encoder's device and without dropout.

    `tokens_per_batch` counts padding too (about 1,000 is best on a CPU); `precision` computes in half, faster only
    where the hardware has it; `on_progress` is told after each batch how many texts it had.
    """
    settings = encoder.settings
    tokens = tokenize(texts, encoder.tokenizer, settings.prompt(side), settings.max_length(side))
    embeddings = np.empty((len(texts), encoder.dimension), np.float32)
    device = next(encoder.parameters()).device
    training = encoder.training
    encoder.eval()
    try:
        with torch.inference_mode(), torch.autocast(device.type, DTYPES.get(precision), enabled=precision is not None):
            for batch in batches(tokens, tokens_per_batch):
                chunks = chunk([tokens[text] for text in batch], encoder.tokenizer.pad_token_id).to(device)
                embeddings[batch] = encoder.embed(chunks, side).cpu().numpy()
                if on_progress:
                    on_progress(len(batch))
    finally:
        encoder.train(training)
    return embeddings


def batches(tokens: Sequence[NDArray[np.int32]], budget: int) -> Iterator[NDArray[np.int64]]:
    """Texts by number, longest first, in batches of at most `budget` padded tokens or of one text."""
    lengths = np.fromiter(map(len, tokens), np.int64, len(tokens))
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        count = max(1, budget // int(lengths[order[start]]))
        yield order[start : start + count]
        start += count
