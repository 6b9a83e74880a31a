"""Tokens of parallel texts: made once, memory-mapped, and cached by what they depend on."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from src.data.cache import cached_folder
from src.data.fingerprint import digest
from src.data.texts import ParallelTexts
from src.errors import InputError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

logger = logging.getLogger(__name__)

VERSION = 1  # of the files below: raise it when they change, so that no old cache is read
BATCH = 4_096  # texts tokenised in one call
WORTH_A_LINE = 100_000  # texts that take a while


class TokenTable(Protocol):
    """Tokens by (id, language)."""

    def get(self, ids: NDArray[np.integer], languages: NDArray[np.integer]) -> list[NDArray[np.int32]]:
        """Tokens of parallel arrays of ids and language numbers; an InputError if a text is not held."""
        ...


def tokenize_table(
    texts: ParallelTexts,
    tokenizer: PreTrainedTokenizerFast,
    *,
    prompt: str,
    max_length: int,
    cache_dir: Path,
    pretokenize: bool,
) -> TokenTable:
    """The tokens of all texts, stored under `cache_dir`; or, without `pretokenize`, the same made when asked for."""
    check_fast(tokenizer)
    if not pretokenize:
        return LazyTokens(texts, tokenizer, prompt, max_length)
    key = digest(VERSION, texts.fingerprint, tokenizer_fingerprint(tokenizer), prompt, max_length)
    folder = cache_dir / "tokens" / key
    return StoredTokens(cached_folder(folder, lambda new: _store(new, texts, tokenizer, prompt, max_length)))


def tokenize(
    texts: Sequence[str], tokenizer: PreTrainedTokenizerFast, prompt: str, max_length: int
) -> list[NDArray[np.int32]]:
    """Tokens of each text after its prompt, special tokens included, cut to at most `max_length`."""
    if not texts:  # some tokenizers raise on an empty batch
        return []
    encoded = _encode([prompt + text for text in texts], tokenizer, max_length)
    if not all(encoded):
        empty = next(text for text, tokens in zip(texts, encoded, strict=True) if not tokens)
        raise InputError("a text has no tokens", where=repr(empty[:80]), fix="remove the text, or change the tokenizer")
    return [np.array(tokens, np.int32) for tokens in encoded]


def _encode(texts: Sequence[str], tokenizer: PreTrainedTokenizerFast, max_length: int) -> list[list[int]]:
    # what calling the tokenizer itself gives, in two thirds of the time: that would track where each token came from
    backend = tokenizer.backend_tokenizer
    backend.enable_truncation(max_length, direction=tokenizer.truncation_side)
    backend.no_padding()
    return [encoding.ids for encoding in backend.encode_batch_fast(texts)]


def check_fast(tokenizer: PreTrainedTokenizerFast) -> None:
    """Refuse a tokenizer that is pure Python: its content cannot be hashed, and it would take hours."""
    if not getattr(tokenizer, "is_fast", False):
        raise InputError(
            f"{type(tokenizer).__name__} is not a fast tokenizer",
            where="model.name_or_path",
            fix="use a checkpoint that has a tokenizer.json",
        )


def tokenizer_fingerprint(tokenizer: PreTrainedTokenizerFast) -> str:
    """Hash of what decides a text's tokens; truncation and padding are left out, as they belong to the last call."""
    content = json.loads(tokenizer.backend_tokenizer.to_str())
    content.pop("truncation", None)
    content.pop("padding", None)
    return digest(type(tokenizer).__name__, tokenizer.truncation_side, content)


class LazyTokens:
    """A table that tokenises what it is asked for: for texts too many to store."""

    def __init__(self, texts: ParallelTexts, tokenizer: PreTrainedTokenizerFast, prompt: str, max_length: int) -> None:
        self.texts, self.tokenizer, self.prompt, self.max_length = texts, tokenizer, prompt, max_length

    def get(self, ids: NDArray[np.integer], languages: NDArray[np.integer]) -> list[NDArray[np.int32]]:
        """Tokens of parallel arrays of ids and language numbers; an InputError if a text is not held."""
        return tokenize(self.texts.get(ids, languages), self.tokenizer, self.prompt, self.max_length)


class StoredTokens:
    """A table in files: per language all tokens end to end, and where each id's begin. Pickles as its path."""

    def __init__(self, folder: Path) -> None:
        about = json.loads((folder / "tokens.json").read_text())
        self.folder = folder
        self.languages: list[str] = about["languages"]
        self._dtype = np.dtype(about["dtype"])
        self._open: dict[int, tuple[NDArray[np.int64], NDArray[np.integer]]] = {}

    def __reduce__(self) -> tuple[Callable[[Path], StoredTokens], tuple[Path]]:
        return StoredTokens, (self.folder,)

    def get(self, ids: NDArray[np.integer], languages: NDArray[np.integer]) -> list[NDArray[np.int32]]:
        """Tokens of parallel arrays of ids and language numbers; an InputError if a text is not held."""
        return [self._tokens(int(row), int(language)) for row, language in zip(ids, languages, strict=True)]

    def _tokens(self, row: int, language: int) -> NDArray[np.int32]:
        offsets, tokens = self._language(language)
        start, end = (offsets[row], offsets[row + 1]) if 0 <= row < len(offsets) - 1 else (0, 0)
        if start == end:
            raise InputError(
                f"no text with id {row} in language {self.languages[language]!r}",
                where=str(self.folder),
                fix="ask only for the languages that the pair index's masks give",
            )
        return tokens[start:end].astype(np.int32)

    def _language(self, language: int) -> tuple[NDArray[np.int64], NDArray[np.integer]]:
        if language not in self._open:
            offsets = np.load(self.folder / f"{self.languages[language]}.offsets.npy", mmap_mode="r")
            path = self.folder / f"{self.languages[language]}.tokens"
            tokens = np.memmap(path, self._dtype, "r") if offsets[-1] else np.empty(0, self._dtype)
            # Plain views of the same memory: slicing a memmap object costs several times as much.
            self._open[language] = (offsets.view(np.ndarray), tokens.view(np.ndarray))
        return self._open[language]


def _store(
    folder: Path, texts: ParallelTexts, tokenizer: PreTrainedTokenizerFast, prompt: str, max_length: int
) -> None:
    dtype = np.dtype(np.uint16 if len(tokenizer) <= 1 << 16 else np.int32)
    for number, language in enumerate(texts.languages):
        held = texts.held(number)
        level = logging.INFO if held.sum() >= WORTH_A_LINE else logging.DEBUG
        logger.log(level, "tokenising %s texts in %s", f"{held.sum():,}", language)
        lengths = np.zeros(len(texts) + 1, np.int64)
        batches = (tokenize(batch, tokenizer, prompt, max_length) for batch in _batched(texts.iterate(number)))
        with (folder / f"{language}.tokens").open("wb") as file:
            lengths[1:][held] = np.fromiter(_write(file, batches, dtype), np.int64, held.sum())
        np.save(folder / f"{language}.offsets.npy", np.cumsum(lengths))
    about = {"languages": list(texts.languages), "dtype": dtype.name}
    (folder / "tokens.json").write_text(json.dumps(about))


def _batched(texts: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(texts, BATCH)):
        yield batch


def _write(file: BinaryIO, batches: Iterable[list[NDArray[np.int32]]], dtype: np.dtype) -> Iterator[int]:
    """Append the tokens; the length of each text."""
    for batch in batches:
        file.write(np.concatenate(batch).astype(dtype).tobytes())
        yield from map(len, batch)
