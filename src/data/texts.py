"""Texts by (id, language): one memory-mapped Arrow file a language, rows by id."""

from __future__ import annotations

import hashlib
import json
import mmap
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from src.data.cache import new_folder
from src.data.fingerprint import digest
from src.errors import InputError

ROWS = 65_536  # in each record batch, so that id // ROWS names the batch and nothing has to be searched
READ = 128  # texts after which the pages that hold them are let go: the kernel maps up to 2 MB around each
SCHEMA = pa.schema([("text", pa.large_string())])


class ParallelTexts:
    """Texts by (id, language), memory-mapped; pickles as its path. Made by `write`, reopened by `open`.

    Reading any number of texts leaves little of the files resident; what was read stays in the system's page cache.
    """

    languages: tuple[str, ...]
    fingerprint: str  # sha256 over languages, texts and groups
    group: NDArray[np.int32] | None  # [ids] ids of one group count as the same text; None: every id is its own

    def __init__(self, folder: Path) -> None:
        about = json.loads((folder / "texts.json").read_text())
        self.folder = folder
        self.languages = tuple(about["languages"])
        self.fingerprint = about["fingerprint"]
        self.group = np.load(folder / "group.npy", mmap_mode="r") if about["grouped"] else None
        self._length: int = about["ids"]
        self._columns: dict[int, list[pa.LargeStringArray]] = {}
        self._maps: list[mmap.mmap] = []
        self._read = 0  # texts since the pages were let go

    @staticmethod
    def open(folder: Path) -> ParallelTexts:
        """The texts that `write` left in a folder."""
        return ParallelTexts(Path(folder))

    @staticmethod
    def write(
        folder: Path,
        languages: Sequence[str],
        texts: Mapping[str, Iterable[str | None]],
        group: NDArray[np.integer] | None = None,
    ) -> ParallelTexts:
        """Stream each language's texts, in the order of the ids, into a new folder; None where one is not held."""
        if bad := [language for language in languages if not re.fullmatch(r"[\w-]+", language)]:
            raise InputError(
                f"language {bad[0]!r} cannot name a file", fix="use letters, digits, - and _ in language codes"
            )
        with new_folder(Path(folder)) as temporary:
            written = {language: _write_language(temporary, language, texts[language]) for language in languages}
            ids = _common_length({language: count for language, (count, _) in written.items()}, group)
            if group is not None:
                np.save(temporary / "group.npy", np.asarray(group, np.int32))
            hashes = {language: sha256 for language, (_, sha256) in written.items()}
            about = {
                "languages": list(languages),
                "ids": ids,
                "grouped": group is not None,
                "sha256": hashes,
                "fingerprint": digest(list(languages), hashes, _group_sha256(group)),
            }
            (temporary / "texts.json").write_text(json.dumps(about, indent=1))
        return ParallelTexts.open(folder)

    def __len__(self) -> int:
        return self._length

    def __reduce__(self) -> tuple[Callable[[Path], ParallelTexts], tuple[Path]]:
        return ParallelTexts.open, (self.folder,)

    def get(self, ids: NDArray[np.integer], languages: NDArray[np.integer]) -> list[str]:
        """Texts of parallel arrays of ids and language numbers; an InputError if one is not held."""
        return [self._text(int(row), int(language)) for row, language in zip(ids, languages, strict=True)]

    def held(self, language: int) -> NDArray[np.bool_]:
        """[ids] whether the language holds the id."""
        valid = [column.is_valid().to_numpy(zero_copy_only=False) for column in self._column(language)]
        return np.concatenate(valid) if valid else np.zeros(0, bool)

    def iterate(self, language: int) -> Iterator[str]:
        """The texts that a language holds, in the order of the ids."""
        for column in self._column(language):
            yield from column.drop_null().to_pylist()
            self._count(len(column))

    def identity(self, ids: NDArray[np.integer]) -> NDArray[np.int32]:
        """The identity of each id: ids of one group count as the same text."""
        return np.asarray(ids if self.group is None else self.group[ids], np.int32)

    def _text(self, row: int, language: int) -> str:
        self._count(1)
        text = self._column(language)[row // ROWS][row % ROWS].as_py() if 0 <= row < len(self) else None
        if text is None:
            raise InputError(
                f"no text with id {row} in language {self.languages[language]!r}",
                where=str(self.folder),
                fix="ask only for the languages that the pair index's masks give",
            )
        return text

    def _column(self, language: int) -> list[pa.LargeStringArray]:
        if language not in self._columns:
            with _path(self.folder, self.languages[language]).open("rb") as file:
                self._maps.append(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            reader = pa.ipc.open_file(pa.BufferReader(pa.py_buffer(self._maps[-1])))
            self._columns[language] = [reader.get_batch(i).column(0) for i in range(reader.num_record_batches)]
        return self._columns[language]

    def _count(self, read: int) -> None:
        """Let go of the pages after so many texts; reading them again finds them in the page cache."""
        self._read += read
        if self._read >= READ and hasattr(mmap, "MADV_DONTNEED"):  # not on Windows
            for each in self._maps:
                each.madvise(mmap.MADV_DONTNEED)
            self._read = 0


def _path(folder: Path, language: str) -> Path:
    return folder / f"{language}.arrow"


def _write_language(folder: Path, language: str, texts: Iterable[str | None]) -> tuple[int, str]:
    """Number of rows and sha256 of what was written."""
    content, rows = hashlib.sha256(), 0
    with pa.OSFile(str(_path(folder, language)), "wb") as file, pa.ipc.new_file(file, SCHEMA) as writer:
        remaining = iter(texts)
        while batch := list(islice(remaining, ROWS)):
            column = _column(batch, language)
            writer.write_batch(pa.record_batch([column], schema=SCHEMA))
            _hash_column(content, column)
            rows += len(column)
    return rows, content.hexdigest()


def _column(texts: Sequence[str | None], language: str) -> pa.LargeStringArray:
    try:
        return pa.array(texts, pa.large_string())
    except UnicodeEncodeError as error:
        near = error.object[max(0, error.start - 30) : error.end + 30]
        what, fix = f"half of a surrogate pair in {near!r}", "mend the text in the data's files"
        raise InputError(what, where=f"a text in {language!r}", fix=fix) from error


def _hash_column(content: hashlib._Hash, column: pa.LargeStringArray) -> None:
    # Buffers, not texts one by one: quick, and the lengths keep neighbouring texts apart.
    _, offsets, characters = column.buffers()
    content.update(np.packbits(column.is_valid().to_numpy(zero_copy_only=False)).tobytes())
    content.update(memoryview(offsets)[: 8 * (len(column) + 1)])
    if characters is not None:
        content.update(memoryview(characters)[: int(np.frombuffer(offsets, np.int64)[len(column)])])


def _common_length(counts: dict[str, int], group: NDArray[np.integer] | None) -> int:
    lengths = set(counts.values()) | ({len(group)} if group is not None else set())
    if len(lengths) != 1:
        raise ValueError(f"every language, and the groups, need one row per id: rows per language {counts}")
    return lengths.pop()


def _group_sha256(group: NDArray[np.integer] | None) -> str | None:
    return None if group is None else hashlib.sha256(np.asarray(group, np.int32).tobytes()).hexdigest()
