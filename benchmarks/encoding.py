"""Encoding of texts of mixed lengths beside sentence-transformers' `encode`: python -m benchmarks.encoding.

The same small BERT, mean pooling and normalisation, in float32; texts are questions and sentences of XQuAD-R in its
eleven languages, shuffled. All get raw texts and give a numpy array, tokenising included. The bare loop is the floor:
it sorts by tokens, pads batches of as many tokens as this project's, and does nothing else. `--bf16` adds both in
bfloat16. Repetitions are interleaved.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from torch import nn
from torch.nn import functional
from transformers import PreTrainedTokenizerFast

from benchmarks import summary
from benchmarks.small_bert import MAX_LENGTH, load_xquad_r, write_checkpoint
from benchmarks.timing import Seconds, bf16_units, keep_quiet, machine, now, since, spread, table
from src.data.tokens import tokenize
from src.encoder.backbone import load_backbone, load_config, load_tokenizer
from src.encoder.dual_encoder import DualEncoder
from src.encoder.encode import encode
from src.encoder.settings import EncoderSettings

GOAL = 1.6  # times as fast as sentence-transformers
OURS, BARE, THEIRS = "this project", "bare loop, same batches", "sentence-transformers"
BUDGET = 1024  # padded tokens in a batch, as `encoding.tokens_per_batch`


def main() -> None:
    """Compare the embeddings, measure, print."""
    options = _options()
    keep_quiet()
    torch.set_num_threads(options.threads)
    print(machine("torch", "transformers", "sentence-transformers"))
    if options.bf16:
        print(bf16_units())
    texts = mixed_texts(options.texts)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = write_checkpoint(Path(folder), options.layers, options.hidden_size)
        encoder, model = ours(checkpoint), theirs(checkpoint)
    arms: dict[str, Callable[[], NDArray[np.float32]]] = {
        OURS: partial(encode, encoder, texts, "passage"),
        BARE: partial(bare, encoder.backbones["shared"], encoder.tokenizer, texts),
        THEIRS: partial(model.encode, texts, batch_size=options.their_batch_size, show_progress_bar=False),
    }
    difference = float(max(np.abs(arms[OURS]() - arms[other]()).max() for other in (BARE, THEIRS)))
    if not difference < 1e-5:
        raise SystemExit(f"the embeddings differ by {difference}")
    if options.bf16:
        half = deepcopy(model).bfloat16()
        arms[f"{OURS}, bf16"] = partial(encode, encoder, texts, "passage", precision="bf16")
        arms[f"{THEIRS}, bf16"] = partial(
            half.encode, texts, batch_size=options.their_batch_size, show_progress_bar=False
        )
    tokens = sum(map(len, tokenize(texts, encoder.tokenizer, "", MAX_LENGTH)))
    print(f"{len(texts):,} texts, {tokens:,} tokens; greatest difference between embeddings: {difference:.1e}")
    repetitions = [{name: timed(arm) for name, arm in arms.items()} for _ in range(options.repetitions)]
    report(len(texts), repetitions)
    summary.add(options.summary, *rows(len(texts), repetitions))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--their-batch-size", type=int, default=32, help="texts; 32 is their default")
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--hidden-size", type=int, default=192)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--bf16", action="store_true", help="also in bfloat16")
    summary.add_options(parser)
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


@torch.inference_mode()
def bare(backbone: nn.Module, tokenizer: PreTrainedTokenizerFast, texts: Sequence[str]) -> NDArray[np.float32]:
    """Length-sorted batches, padded, pooled, normalised: what any loop has to do."""
    backbone.eval()
    ids = tokenizer(list(texts), truncation=True, max_length=MAX_LENGTH)["input_ids"]
    order = sorted(range(len(ids)), key=lambda text: -len(ids[text]))
    found: dict[int, NDArray[np.float32]] = {}
    while order:
        count = max(1, BUDGET // len(ids[order[0]]))
        batch, order = order[:count], order[count:]
        padded = tokenizer.pad({"input_ids": [ids[text] for text in batch]}, return_tensors="pt")
        states, mask = backbone(**padded).last_hidden_state, padded["attention_mask"].unsqueeze(-1)
        pooled = functional.normalize((states * mask).sum(1) / mask.sum(1), dim=-1).numpy()
        found.update(zip(batch, pooled, strict=True))
    return np.stack([found[text] for text in range(len(texts))])


def timed(arm: Callable[[], NDArray[np.float32]]) -> Seconds:
    """How long one encoding takes."""
    start = now()
    arm()
    return since(start)


def report(texts: int, repetitions: Sequence[dict[str, Seconds]]) -> None:
    """Print the table, and the goal beside what was reached."""
    rows = []
    for name in repetitions[0]:
        cpu, wall = ([texts / each[name][clock] for each in repetitions] for clock in (0, 1))
        ratios = [each[THEIRS].cpu / each[name].cpu for each in repetitions]
        rows.append([name, spread(cpu, 0), spread(wall, 0), spread(ratios)])
    print(f"median (least to greatest) of {len(repetitions)}\n")
    print(table(["", "texts / CPU s", "texts / s", "times sentence-transformers"], rows))
    wall_ratios = [each[THEIRS].wall / each[OURS].wall for each in repetitions]
    print(f"\nwall time: {spread(wall_ratios)} times as fast as sentence-transformers (goal {GOAL})")


def rows(texts: int, repetitions: Sequence[dict[str, Seconds]]) -> Iterator[summary.Row]:
    """For the one table."""
    rates = {name: [texts / each[name].cpu for each in repetitions] for name in repetitions[0]}
    yield summary.Row("encoding", "texts / CPU s", rates[OURS], rates[THEIRS], rates[BARE], "encoding")
    if f"{OURS}, bf16" in rates:
        yield summary.Row(
            "encoding, bf16 (theirs in fp32)", "texts / CPU s", rates[f"{OURS}, bf16"], rates[THEIRS], [], "encoding"
        )


if __name__ == "__main__":
    main()
