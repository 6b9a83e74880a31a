"""Texts of words that are one token each, as long as XQuAD-R's: data, tokenizer and model without a download.

`TOKENS` are quantiles (`LEVELS`) of the lengths of XQuAD-R's questions and sentences under a byte-level BPE of
30,000 tokens trained on them, with the two special tokens; lengths are drawn from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from src.data.cache import cached_folder
from src.data.pair_index import PairIndex
from src.data.texts import ParallelTexts
from src.data.training_data import TrainingData

LEVELS = (*np.arange(0, 1, 0.05), 0.99, 1.0)
TOKENS = {
    "question": (4, 9, 10, 11, 12, 13, 13, 14, 15, 15, 16, 16, 17, 18, 19, 20, 21, 22, 24, 27, 34, 79),
    "passage": (3, 15, 19, 22, 25, 27, 30, 32, 34, 37, 39, 41, 44, 47, 50, 53, 58, 63, 71, 85, 128, 256),
}
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
LANGUAGES = ("en",)
POSITIONS = 512


def read(cache_dir: Path, *, vocabulary: int, pairs: int, **_: Any) -> TrainingData:
    """Pairs in one language; words are drawn evenly, so a batch touches as many of the vocabulary's rows as it can."""
    rng = np.random.default_rng(0)
    home = cached_folder(cache_dir / f"drawn-{vocabulary}-{pairs}", lambda new: write(new, rng, vocabulary, pairs))
    questions, passages = (ParallelTexts.open(home / side) for side in TOKENS)
    rows, everywhere = np.arange(pairs, dtype=np.int32), np.broadcast_to(np.uint8(1), pairs)
    index = PairIndex(
        languages=LANGUAGES,
        question=rows,
        passage=rows,
        question_languages=everywhere,
        passage_languages=everywhere,
        dataset=np.broadcast_to(np.uint8(0), pairs),
        datasets=("drawn",),
    )
    return TrainingData("drawn", index, None, None, questions, passages, {}, f"drawn {vocabulary} {pairs}")


def write(folder: Path, rng: np.random.Generator, vocabulary: int, pairs: int) -> None:
    """Both sides' texts."""
    for side, quantiles in TOKENS.items():
        ParallelTexts.write(folder / side, LANGUAGES, {"en": drawn(rng, quantiles, vocabulary, pairs)})


def drawn(rng: np.random.Generator, quantiles: Sequence[int], vocabulary: int, count: int) -> list[str]:
    """Texts whose lengths follow the quantiles, special tokens included."""
    lengths = np.interp(rng.random(count), LEVELS, quantiles).round().astype(int)
    return [" ".join(f"w{word}" for word in rng.integers(len(SPECIAL), vocabulary, max(1, n - 2))) for n in lengths]


def write_checkpoint(folder: Path, layers: int, hidden_size: int, vocabulary: int) -> Path:
    """A BERT with random weights and a tokenizer of whole words."""
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=hidden_size,
        num_hidden_layers=layers,
        num_attention_heads=max(1, hidden_size // 64),
        intermediate_size=4 * hidden_size,
        max_position_embeddings=POSITIONS,
    )
    torch.manual_seed(0)
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    words = {token: number for number, token in enumerate(SPECIAL)}
    words |= {f"w{number}": number for number in range(len(SPECIAL), vocabulary)}
    whole = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    whole.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    whole.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", words["[CLS]"]), ("[SEP]", words["[SEP]"])]
    )
    named = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token"), SPECIAL, strict=True))
    PreTrainedTokenizerFast(tokenizer_object=whole, model_max_length=256, **named).save_pretrained(folder)
    return folder
