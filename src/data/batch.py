"""What a training step receives: padded chunks of tokens, and the identity of every text."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class OnDevice:
    """Moves a dataclass's tensors to a device in one place; without it Lightning copies the whole batch first."""

    def to(self, device: torch.device | str, **kwargs: Any) -> Any:
        """The same with its tensors on `device`; numpy arrays and numbers stay on the host."""
        moved = {field.name: _move(getattr(self, field.name), device, kwargs) for field in fields(self)}  # type: ignore[arg-type]
        return replace(self, **moved)  # type: ignore[type-var]

    def pin_memory(self) -> Any:
        """The same with its tensors in pinned host memory."""
        pinned = {field.name: _pin(getattr(self, field.name)) for field in fields(self)}  # type: ignore[arg-type]
        return replace(self, **pinned)  # type: ignore[type-var]


@dataclass
class TextChunks(OnDevice):
    """Texts sorted by token length and cut into chunks, each padded to its own longest text.

    Padding is most of a naive batch on real lengths; chunks remove it and leave the batch and its loss what they are.
    """

    input_ids: list[Tensor]  # each [texts in chunk, longest in chunk] int64
    attention_mask: list[Tensor]  # as input_ids; 1 for a real token
    restore: Tensor  # [texts] int64: torch.cat(chunk outputs)[restore] is in the original order
    real_tokens: int  # tokens that are not padding

    def __len__(self) -> int:
        return len(self.restore)

    @property
    def computed_tokens(self) -> int:
        """Tokens that the encoder computes, padding included."""
        return sum(ids.numel() for ids in self.input_ids)


@dataclass
class TextVersions(OnDevice):
    """Some rows' texts a second time, such as in another language."""

    texts: TextChunks
    rows: Tensor  # [k] int64: row of this batch whose text it is
    languages: Tensor  # [k] int64

    def __len__(self) -> int:
        return len(self.rows)


@dataclass
class TextTargets(OnDevice):
    """A teacher's embeddings of some rows' texts."""

    rows: Tensor  # [k] int64: row of this batch whose text it is
    embeddings: Tensor  # [k, teacher's dimension] float32


@dataclass
class PairBatch(OnDevice):
    """One rank's share of one (micro-)batch. Identity travels with the text: ids never come from embeddings."""

    step: int  # the plan's step: optimizer steps over the whole run
    micro: int  # which accumulation micro-batch of that step
    rows: NDArray[np.int32]  # [b, 3] concept, query language, passage language; stays on the host
    queries: TextChunks  # b texts
    passages: TextChunks  # b texts, row i's positive
    question_ids: Tensor  # [b] int64
    passage_ids: Tensor  # [b] int64, equal for translations of one passage
    negatives: TextChunks | None  # m explicit negatives, or None
    negative_ids: Tensor  # [m] int64 passage ids
    negative_languages: Tensor  # [m] int64
    negative_owner: Tensor  # [m] int64: row of this batch that the negative belongs to
    languages: Tensor  # [b, 2] int64 query language, passage language
    datasets: Tensor  # [b] int64
    query_versions: TextVersions | None = None  # where a loss compares texts with their translations
    passage_versions: TextVersions | None = None
    query_targets: TextTargets | None = None  # where a loss has a teacher
    passage_targets: TextTargets | None = None
    other_instruction: TextVersions | None = None  # own queries under another instruction, in their language
    switched: float | None = None  # share of the words that code-switching replaced, where texts are augmented

    def __len__(self) -> int:
        return len(self.rows)


def _move(value: Any, device: torch.device | str, kwargs: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_move(item, device, kwargs) for item in value]
    return value.to(device, **kwargs) if isinstance(value, Tensor | OnDevice) else value


def _pin(value: Any) -> Any:
    if isinstance(value, list):
        return [_pin(item) for item in value]
    return value.pin_memory() if isinstance(value, Tensor | OnDevice) else value
