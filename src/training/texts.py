"""What a run's configuration makes of training texts: words switched, queries instructed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hydra.utils import instantiate
from numpy.typing import NDArray
from omegaconf import DictConfig

from src.data.augmentation import Augmentation
from src.data.instructions import Prompts, read_prompts
from src.data.pair_index import PairIndex
from src.data.texts import ParallelTexts
from src.data.tokens import LazyTokens
from src.data.training_data import TrainingData
from src.encoder.dual_encoder import DualEncoder
from src.encoder.settings import Side


def build_augmentation(config: DictConfig, data: TrainingData, encoder: DualEncoder) -> Augmentation | None:
    """What changes the training texts, if anything does; held-out texts stay as they are."""
    if config.get("augmentation") is None:
        return None
    switching = instantiate(config.augmentation)(languages=data.train.languages, seed=config.seed)

    def tokens(texts: ParallelTexts, side: Side) -> LazyTokens:
        return LazyTokens(texts, encoder.tokenizer, encoder.settings.prompt(side), encoder.settings.max_length(side))

    return Augmentation(switching, tokens(data.questions, "query"), tokens(data.passages, "passage"))


def build_prompts(
    config: DictConfig, data: TrainingData, held_out: TrainingData | None, encoder: DualEncoder, *, others: bool
) -> Prompts | None:
    """What precedes the queries of each dataset, trained on or held out, where some have instructions.

    `others`: whether queries are also wanted under another instruction, which takes two of them.
    """
    instructions = config.get("instructions") or {}
    if not instructions and not others:
        return None
    validation = held_out.validation if held_out is not None else None
    datasets = dict.fromkeys((*data.train.datasets, *(validation.datasets if validation is not None else ())))
    template, prompt = config.instruction_template, encoder.settings.query_prompt
    return read_prompts(instructions, template, prompt, tuple(datasets), others=others)


def validation_leads(prompts: Prompts, index: PairIndex) -> Callable[[NDArray[np.integer]], list[str]]:
    """What stands before each question of an index beyond the model's own prompt, by id."""
    numbers = prompts.by_question(index)
    leads = [text.removeprefix(prompts.model) for text in prompts.texts]
    return lambda ids: [leads[number] for number in numbers[ids]]
