"""A small parallel dataset, and the parts of a run on it, for tests that need real training."""

from pathlib import Path

import numpy as np
import torch

from src.data.collate import Collator
from src.data.datamodule import PairDataModule
from src.data.pair_index import HardNegatives, PairIndex
from src.data.texts import ParallelTexts
from src.data.tokens import tokenize_table
from src.data.training_data import TrainingData
from src.encoder.dual_encoder import DualEncoder
from src.encoder.tiny import build_tiny
from src.objectives.infonce import InfoNCE
from src.objectives.total import TotalLoss
from src.training.module import Retriever
from src.training.optimizer import AdamW

LANGUAGES = ("de", "en", "fr")


def toy_data(folder: Path, concepts: int = 40, held_out: int = 8, negatives: int = 0) -> TrainingData:
    """Every concept in three invented languages: `en wort 7` asks for `en antwort 7`."""
    questions = {code: [f"{code} question about {i} {i % 5}" for i in range(concepts)] for code in LANGUAGES}
    passages = {code: [f"{code} passage {i} says " + "so " * (i % 7) for i in range(concepts)] for code in LANGUAGES}
    ids = np.arange(concepts, dtype=np.int32)
    all_languages = np.full(concepts, 0b111, np.uint8)
    hard = None
    if negatives:  # every third concept has one fewer, so that ranks hold different numbers of them
        counts = [negatives - (i % 3 == 0) for i in range(concepts)]
        others = [(i + 1 + k) % concepts for i, count in enumerate(counts) for k in range(count)]
        hard = HardNegatives(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), np.array(others, np.int32))
    index = PairIndex(
        LANGUAGES, ids, ids, all_languages, all_languages, np.zeros(concepts, np.uint8), ("toy",), negatives=hard
    )
    return TrainingData(
        name="toy",
        train=index.select(ids[held_out:]),
        validation=index.select(ids[:held_out]),
        test=None,
        questions=ParallelTexts.write(folder / "questions", LANGUAGES, questions),
        passages=ParallelTexts.write(folder / "passages", LANGUAGES, passages),
        sources={},
        fingerprint="toy",
    )


class RoundRobin:
    """The plainest plan: concepts in order, languages in turn."""

    def __init__(self, index: PairIndex, batch_size: int) -> None:
        self.index, self.batch_size = index, batch_size

    def plan(self, step: int) -> np.ndarray:
        concepts = (np.arange(self.batch_size) + step * self.batch_size) % len(self.index)
        languages = (concepts + step) % len(self.index.languages)
        return np.column_stack([concepts, languages, languages]).astype(np.int32)


def toy_encoder(data: TrainingData, dropout: float = 0.0) -> DualEncoder:
    """A very small BERT, the same in every call."""
    torch.manual_seed(0)
    texts = [text for side in (data.questions, data.passages) for code in range(3) for text in side.iterate(code)]
    return build_tiny(
        texts=lambda: iter(texts),
        vocabulary=400,
        hidden_size=16,
        layers=1,
        heads=2,
        intermediate_size=32,
        positions=64,
        dropout=dropout,
        name="toy",
        shared=True,
        pooling="mean",
        normalize=True,
        query_prompt="",
        passage_prompt="",
        max_query_length=32,
        max_passage_length=32,
    )


def toy_collator(data: TrainingData, encoder: DualEncoder, folder: Path, index: PairIndex, negatives: int) -> Collator:
    questions, passages = (
        tokenize_table(texts, encoder.tokenizer, prompt="", max_length=32, cache_dir=folder, pretokenize=True)
        for texts in (data.questions, data.passages)
    )
    return Collator(
        index, questions, passages, data.questions, data.passages, encoder.tokenizer.pad_token_id, 1, negatives
    )


def toy_run(
    folder: Path, *, batch_size: int = 8, negatives: int = 0, dropout: float = 0.0, lr: float = 1e-2
) -> tuple[TrainingData, Retriever, PairDataModule]:
    """Data, module and data module of a run."""
    data = toy_data(folder / "data", negatives=negatives)
    encoder = toy_encoder(data, dropout)
    module = Retriever(encoder, TotalLoss(InfoNCE(temperature=0.1)), AdamW(lr=lr), hard_negatives=negatives > 0)
    datamodule = PairDataModule(
        RoundRobin(data.train, batch_size),
        lambda: toy_collator(data, encoder, folder / "cache", data.train, negatives),
        lambda: toy_collator(data, encoder, folder / "cache", data.validation, negatives),
        max_validation_batches=10,
    )
    return data, module, datamodule
