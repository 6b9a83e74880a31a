"""From the start of Python to the first training step, in one of three ways: the child process of benchmarks.startup.

Each imports what it needs, reads a list of texts, loads the same checkpoint and stops as its first step would begin.
This project's does what any run does on the way: composes and checks the configuration, reads dataset and benchmark
(tokens come from the cache, which a first run filled), plans the batches, opens the run's folder and record.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

LENGTH, BATCH, STEPS = 256, 32, 10


def stop(*_: Any, **__: Any) -> NoReturn:
    """Tell the processor seconds of this process, imports included, and end it."""
    os.write(int(os.environ["FIRST_STEP_TO"]), json.dumps({"cpu": time.process_time()}).encode())
    os._exit(0)


def ours(_: Path, run: Path) -> None:
    """As a person would start it; what follows the folders are the run's overrides."""
    sys.argv[1:] = [*sys.argv[4:], f"hydra.run.dir={run}"]
    from src import train
    from src.training.module import Retriever

    Retriever.on_train_batch_start = stop  # type: ignore[method-assign]
    train.main()


def sentence_transformers(folder: Path, run: Path) -> None:
    """Their trainer."""
    from datasets import Dataset
    from sentence_transformers import (
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import TrainerCallback

    class Stop(TrainerCallback):
        on_step_begin = stop

    transformer = Transformer(str(folder / "bert"), max_seq_length=LENGTH)
    model = SentenceTransformer(modules=[transformer, Pooling(transformer.get_embedding_dimension(), "mean")])
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(run), per_device_train_batch_size=BATCH, max_steps=STEPS, report_to="none", use_cpu=True
    )
    pairs = Dataset.from_dict(json.loads((folder / "pairs.json").read_text()))
    loss = MultipleNegativesRankingLoss(model, scale=20.0)
    SentenceTransformerTrainer(model=model, args=arguments, train_dataset=pairs, loss=loss, callbacks=[Stop()]).train()


def bare(folder: Path, _: Path) -> None:
    """PyTorch and transformers alone: model, optimizer, the first batch's tokens."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder / "bert")
    model = AutoModel.from_pretrained(folder / "bert", add_pooling_layer=False).train()
    torch.optim.AdamW(model.parameters(), lr=3e-5, fused=True)
    for texts in json.loads((folder / "pairs.json").read_text()).values():
        tokenizer(texts[:BATCH], padding=True, truncation=True, max_length=LENGTH, return_tensors="pt")
    stop()


ARMS = {"this project": ours, "sentence-transformers": sentence_transformers, "bare PyTorch": bare}

if __name__ == "__main__":
    ARMS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
