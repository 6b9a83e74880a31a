"""Encoding of texts of mixed lengths beside sentence-transformers' `encode`: python -m benchmarks.encoding.

The same small BERT, mean pooling and normalisation, in float32; texts are questions and sentences of XQuAD-R in its
eleven languages, shuffled. Both get raw texts and give a numpy array, tokenising included. Repetitions are interleaved.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

from benchmarks.small_bert import MAX_LENGTH, load_xquad_r, write_checkpoint
from benchmarks.timing import Seconds, keep_quiet, machine, now, since, spread, table
from src.data.tokens import tokenize
from src.encoder.backbone import load_backbone, load_config, load_tokenizer
from src.encoder.dual_encoder import DualEncoder
from src.encoder.encode import encode
from src.encoder.settings import EncoderSettings

GOAL = 1.6  # times as fast as sentence-transformers
OURS, THEIRS = "this project", "sentence-transformers"


def main() -> None:
    """Compare the embeddings, measure, print."""
    options = _options()
    keep_quiet()
    torch.set_num_threads(options.threads)
    print(machine("torch", "transformers", "sentence-transformers"))
    texts = mixed_texts(options.texts)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = write_checkpoint(Path(folder), options.layers, options.hidden_size)
        encoder, model = ours(checkpoint), theirs(checkpoint)
    arms: dict[str, Callable[[], NDArray[np.float32]]] = {
        OURS: partial(encode, encoder, texts, "passage"),
        THEIRS: partial(model.encode, texts, batch_size=options.their_batch_size, show_progress_bar=False),
    }
    difference = float(np.abs(arms[OURS]() - arms[THEIRS]()).max())
    if not difference < 1e-5:
        raise SystemExit(f"the embeddings differ by {difference}")
    tokens = sum(map(len, tokenize(texts, encoder.tokenizer, "", MAX_LENGTH)))
    print(f"{len(texts):,} texts, {tokens:,} tokens; greatest difference between embeddings: {difference:.1e}")
    report(len(texts), [{name: timed(arm) for name, arm in arms.items()} for _ in range(options.repetitions)])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--their-batch-size", type=int, default=32, help="texts; 32 is their default")
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--hidden-size", type=int, default=192)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def mixed_texts(count: int) -> list[str]:
    """Questions and sentences of all languages, drawn at random."""
    benchmark = load_xquad_r()
    texts = np.array([*benchmark.queries.texts, *benchmark.candidates.texts], dtype=object)
    return np.random.default_rng(0).choice(texts, count, replace=False).tolist()


def ours(checkpoint: Path) -> DualEncoder:
    """This project's encoder of the checkpoint."""
    settings = EncoderSettings("bert", True, "mean", True, "", "", MAX_LENGTH, MAX_LENGTH)
    backbone = load_backbone(str(checkpoint), load_config(str(checkpoint)))
    return DualEncoder.start(backbone, load_tokenizer(str(checkpoint)), settings)


def theirs(checkpoint: Path) -> SentenceTransformer:
    """Their model of the same checkpoint."""
    transformer = Transformer(str(checkpoint), max_seq_length=MAX_LENGTH)
    pooling = Pooling(transformer.get_embedding_dimension(), "mean")
    return SentenceTransformer(modules=[transformer, pooling, Normalize()], device="cpu")


def timed(arm: Callable[[], NDArray[np.float32]]) -> Seconds:
    """How long one encoding takes."""
    start = now()
    arm()
    return since(start)


def report(texts: int, repetitions: Sequence[dict[str, Seconds]]) -> None:
    """Print the table, and the goal beside what was reached."""
    rows = []
    for name in (OURS, THEIRS):
        cpu, wall = ([texts / each[name][clock] for each in repetitions] for clock in (0, 1))
        ratios = [each[THEIRS].cpu / each[name].cpu for each in repetitions]
        rows.append([name, spread(cpu, 0), spread(wall, 0), spread(ratios)])
    print(f"median (least to greatest) of {len(repetitions)}\n")
    print(table(["", "texts / CPU s", "texts / s", "times sentence-transformers"], rows))
    wall_ratios = [each[THEIRS].wall / each[OURS].wall for each in repetitions]
    print(f"\nwall time: {spread(wall_ratios)} times as fast as sentence-transformers (goal {GOAL})")


if __name__ == "__main__":
    main()
