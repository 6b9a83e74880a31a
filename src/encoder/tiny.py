"""`model=tiny`: a small BERT from scratch, with a tokenizer trained on the data; the code path of a real encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from src.encoder.backbone import from_config
from src.encoder.dual_encoder import DualEncoder
from src.encoder.settings import EncoderSettings
from src.errors import InputError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

SPECIAL = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}


def build_tiny(
    *,
    texts: Callable[[], Iterator[str]],
    vocabulary: int,
    hidden_size: int,
    layers: int,
    heads: int,
    intermediate_size: int,
    positions: int,
    dropout: float,
    **settings: Any,
) -> DualEncoder:
    """A BERT with weights drawn from torch's generator; `settings` are EncoderSettings."""
    from transformers import BertConfig

    checked = EncoderSettings(**settings)
    if layers < 1:
        raise InputError(f"{layers} layers are too few", where="model.layers", fix="1 or more")
    tokenizer = train_tokenizer(texts(), vocabulary)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=hidden_size,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=intermediate_size,
        max_position_embeddings=positions,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        pad_token_id=tokenizer.pad_token_id,
    )
    try:
        backbone = from_config(config)
    except (ValueError, RuntimeError, ZeroDivisionError) as error:  # sizes that do not go together
        raise InputError(f"there is no such BERT: {error}", where="model") from error
    return DualEncoder.start(backbone, tokenizer, checked)


def train_tokenizer(texts: Iterable[str], vocabulary: int) -> PreTrainedTokenizerFast:
    """Byte-level BPE over NFKC and lower case; the same texts give the same tokenizer in every run.

    The trainers of WordPiece and Unigram do not. Words are split as BERT splits them, since the byte level's own
    pattern cuts vowel signs off their letters in Hindi.
    """
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    smallest = 256 + len(SPECIAL)
    if vocabulary < smallest:
        raise InputError(
            f"every byte has a token: {vocabulary} are too few", where="model.vocabulary", fix=f"{smallest}"
        )
    bpe = Tokenizer(models.BPE())
    bpe.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    bpe.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.BertPreTokenizer(), byte_level])
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIAL.values()),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(texts, trainer)
    bpe.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(token, bpe.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    )
    return PreTrainedTokenizerFast(tokenizer_object=bpe, **SPECIAL)
