"""Memory and time of one large batch with and without a gradient cache: python -m benchmarks.gradient_cache.

A BERT from a config, texts of random tokens and mixed lengths, InfoNCE over the whole batch, forward and backward. Each
case runs in a process of its own; memory is the process's own (RssAnon) at its peak above what it was before the step,
with an allocator that gives freed blocks back (else its fragments count too). The scores of a batch, the square of its
size, are part of it whatever is cached.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time

import numpy as np
import torch
from transformers import BertConfig, BertModel

from benchmarks.timing import machine, table
from benchmarks.watched_memory import own_memory
from src.data.batch import TextChunks
from src.data.chunks import chunk
from src.encoder.dual_encoder import DualEncoder
from src.encoder.settings import EncoderSettings
from src.encoder.tiny import train_tokenizer
from src.objectives.contrast import build_contrast
from src.objectives.infonce import InfoNCE

CASES: tuple[tuple[int, int | None], ...] = (
    (64, None),
    (256, None),
    (1024, None),
    (2048, None),
    (2048, 64),
    (2048, 16),
)


def main() -> None:
    """Each case in its own process, then a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--one", type=int, nargs=2, help="batch and texts at a time (0: all), in this process")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one[0], options.one[1] or None)))
        return
    print(machine("torch", "transformers"))
    rows = []
    for batch, most in CASES:
        command = [sys.executable, "-m", "benchmarks.gradient_cache", "--one", str(batch), str(most or 0)]
        environment = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        found = json.loads(done.stdout)
        rows.append([f"{batch:,}", most or "all", f"{found['peak']:,.0f}", f"{1000 * found['cpu'] / batch:.1f}"])
    print(table(["pairs", "texts at a time", "peak MB", "CPU ms a pair"], rows))


def measure(batch: int, most: int | None) -> dict[str, float]:
    """One forward and backward pass, after one of two pairs that warms up."""
    torch.set_num_threads(1)
    encoder = make_encoder()
    encoder.gradient_cache = most is not None
    step(encoder, *make_batch(2, most))
    sides = make_batch(batch, most)
    before, start = own_memory("self"), time.process_time()
    peak, done = [before], threading.Event()
    watcher = threading.Thread(target=_watch, args=(peak, done))
    watcher.start()
    step(encoder, *sides)
    done.set()
    watcher.join()
    return {"peak": peak[0] - before, "cpu": time.process_time() - start}


def make_encoder() -> DualEncoder:
    """Four layers of 256 units and dropout, 8,000 words."""
    tokenizer = train_tokenizer(["a few words"], 300)
    config = BertConfig(
        vocab_size=8000, hidden_size=256, num_hidden_layers=4, num_attention_heads=4, intermediate_size=1024
    )
    settings = EncoderSettings("bert", True, "mean", True, "", "", 128, 128)
    torch.manual_seed(0)
    return DualEncoder.start(BertModel(config, add_pooling_layer=False), tokenizer, settings)


def make_batch(pairs: int, most: int | None) -> tuple[TextChunks, TextChunks]:
    """Queries of 5 to 20 tokens, passages of 10 to 60."""
    rng = np.random.default_rng(0)
    lengths = [(5, 20), (10, 60)]
    texts = [
        [rng.integers(5, 8000, rng.integers(low, high)).astype(np.int32) for _ in range(pairs)] for low, high in lengths
    ]
    queries, passages = (chunk(side, 0, most=most) for side in texts)
    return queries, passages


def step(encoder: DualEncoder, queries: TextChunks, passages: TextChunks) -> None:
    """The loss of the batch and its gradient."""
    asked, answers = encoder.embed(queries, "query"), encoder.embed(passages, "passage")
    ids, none = torch.arange(len(queries)), torch.empty(0, dtype=torch.long)
    contrast = build_contrast(
        queries=asked,
        passages=answers,
        all_queries=asked,
        all_passages=answers,
        all_negatives=answers[:0],
        question_ids=ids,
        passage_ids=ids,
        negative_ids=none,
        offset=0,
    )
    InfoNCE()(contrast)["loss"].backward()


def _watch(peak: list[float], done: threading.Event) -> None:
    while not done.is_set():
        peak[0] = max(peak[0], own_memory("self"))
        time.sleep(0.002)


if __name__ == "__main__":
    main()
