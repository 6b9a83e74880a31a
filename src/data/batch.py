"""What a training step receives: padded chunks of tokens, and the identity of every text."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass
class TextChunks:
    """Texts sorted by token length and cut into chunks, each padded to its own longest text.

    Padding is most of a naive batch on real lengths; chunks remove it and leave the batch and its loss what they are.
    """

    input_ids: list[Tensor]  # each [texts in chunk, longest in chunk] int64
    attention_mask: list[Tensor]  # as input_ids; 1 for a real token
    restore: Tensor  # [texts] int64: torch.cat(chunk outputs)[restore] is in the original order

    def __len__(self) -> int:
        return len(self.restore)

    @property
    def real_tokens(self) -> int:
        """Tokens that are not padding."""
        return int(sum(mask.sum() for mask in self.attention_mask))

    @property
    def padded_tokens(self) -> int:
        """Tokens that the encoder computes, padding included."""
        return sum(ids.numel() for ids in self.input_ids)


@dataclass
class PairBatch:
    """One rank's share of one (micro-)batch. Identity travels with the text: ids never come from embeddings."""

    step: int  # the plan's step: optimizer steps over the whole run
    micro: int  # which accumulation micro-batch of that step
    rows: Tensor  # [b, 3] int64: concept, query language, passage language
    queries: TextChunks  # b texts
    passages: TextChunks  # b texts, row i's positive
    question_ids: Tensor  # [b] int64
    passage_ids: Tensor  # [b] int64, equal for translations of one passage
    negatives: TextChunks | None  # m explicit negatives, or None
    negative_ids: Tensor  # [m] int64 passage ids
    negative_languages: Tensor  # [m] int64
    negative_owner: Tensor  # [m] int64: row of this batch that the negative belongs to

    def __len__(self) -> int:
        return len(self.rows)
