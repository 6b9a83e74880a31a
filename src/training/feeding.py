"""What feeds the training: the strategy's rows as batches of tokens, and whatever the losses want beside them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from src.data.collate import Collator
from src.data.datamodule import PairDataModule, Strategy
from src.data.instructions import InstructedTokens, Prompts
from src.data.pair_index import PairIndex
from src.data.targets import Targets
from src.data.texts import ParallelTexts
from src.data.tokens import TokenTable, tokenize_table
from src.data.training_data import TrainingData
from src.encoder.dual_encoder import DualEncoder
from src.encoder.settings import Side
from src.objectives.total import TotalLoss
from src.training.losses import second_languages
from src.training.texts import build_augmentation


def build_datamodule(
    config: DictConfig,
    data: TrainingData,
    held_out: TrainingData | None,
    strategy: Strategy,
    encoder: DualEncoder,
    losses: TotalLoss,
    prompts: Prompts | None,
    targets: Mapping[Side, Targets],
) -> PairDataModule:
    """Training batches with all that the losses need, validation batches of plain texts; every mistake shows here."""
    feed = Feed(config, encoder, prompts)
    training = {
        "translations": second_languages(losses, data.train, config.seed),
        "targets": targets,
        "augmentation": build_augmentation(config, data, encoder),
        "other_instruction": losses.other_instruction,
    }
    validation = held_out.validation if held_out else None
    return PairDataModule(
        strategy,
        functools.partial(feed.collator, data, data.train, **training),
        functools.partial(feed.collator, held_out, validation) if held_out and validation else None,
        max_validation_batches=config.callbacks.validation.max_batches,
        num_workers=config.num_workers,
    )


class Feed:
    """Makes collators, with their tables of tokens, by the configuration."""

    def __init__(self, config: DictConfig, encoder: DualEncoder, prompts: Prompts | None) -> None:
        """`prompts`: of datasets that have instructions."""
        self.config, self.encoder, self.prompts = config, encoder, prompts
        self._tokens = functools.cache(self._make_tokens)  # to name a table takes a hash of the tokenizer

    def collator(self, source: TrainingData, index: PairIndex, **extra: Any) -> Collator:
        """What makes batches of an index's rows; `extra` are what only training has."""
        return Collator(
            index=index,
            questions=self._questions(source, index),
            passages=self._tokens(source.passages, "passage", self.encoder.settings.passage_prompt),
            question_texts=source.questions,
            passage_texts=source.passages,
            pad_id=self.encoder.tokenizer.pad_token_id,
            seed=self.config.seed,
            negatives=self.config.negatives,
            overhead=self.config.trainer.chunk_overhead,
            most=self.config.gradient_cache,
            **extra,
        )

    def _questions(self, source: TrainingData, index: PairIndex) -> TokenTable:
        def table(prompt: str) -> TokenTable:
            return self._tokens(source.questions, "query", prompt)

        if self.prompts is None:
            return table(self.encoder.settings.query_prompt)
        return InstructedTokens(index, self.prompts, table, self.config.seed)

    def _make_tokens(self, texts: ParallelTexts, side: Side, prompt: str) -> TokenTable:
        return tokenize_table(
            texts,
            self.encoder.tokenizer,
            prompt=prompt,
            max_length=self.encoder.settings.max_length(side),
            cache_dir=Path(self.config.cache_dir),
            pretokenize=self.config.pretokenize,
        )
