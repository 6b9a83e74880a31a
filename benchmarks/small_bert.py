"""A small BERT on disk, with a tokenizer trained on XQuAD-R, for timings that need a checkpoint but no download."""

from __future__ import annotations

import os
from pathlib import Path

import torch
from transformers import BertConfig, BertModel

from src.encoder.tiny import train_tokenizer
from src.evaluation.benchmark import Benchmark
from src.evaluation.benchmarks import xquad_r

DATA = Path(os.environ.get("EVENHAND_DATA", Path(__file__).resolve().parents[1] / ".." / "shared" / "data")) / "xquad_r"
VOCABULARY = 30_000
MAX_LENGTH = 256


def load_xquad_r() -> Benchmark:
    """The questions and candidate sentences of the 11 languages."""
    return xquad_r.load(DATA)


def write_checkpoint(
    folder: Path, layers: int, hidden_size: int, dropout: float = 0.1, rows: int | None = None
) -> Path:
    """A BERT with random weights, as `save_pretrained` writes it; `rows`: of its vocabulary, if more than tokens."""
    benchmark = load_xquad_r()
    tokenizer = train_tokenizer([*benchmark.queries.texts, *benchmark.candidates.texts], VOCABULARY)
    tokenizer.model_max_length = MAX_LENGTH
    config = BertConfig(
        vocab_size=max(rows or 0, len(tokenizer)),
        hidden_size=hidden_size,
        num_hidden_layers=layers,
        num_attention_heads=hidden_size // 32,
        intermediate_size=4 * hidden_size,
        max_position_embeddings=512,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        pad_token_id=tokenizer.pad_token_id,
    )
    torch.manual_seed(0)
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
