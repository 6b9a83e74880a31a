"""Corpora of any size: passages streamed once into a memory-mapped file, checked on the way."""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from src.data.cache import cached_folder
from src.data.fingerprint import digest
from src.data.mapped_strings import MappedStrings
from src.errors import InputError

FORMAT = "corpus 1"  # part of each key: another way of writing them is another file
BATCH = 16_384  # rows in memory at once while writing
SCHEMA = pa.schema([("id", pa.large_string()), ("text", pa.large_string())])


class Passage(NamedTuple):
    """A row of a corpus and the file and line that it comes from."""

    id: str
    text: str
    where: str


Rows = Callable[[], Iterable[Passage]]  # each call streams them from the start


@dataclass(frozen=True, eq=False)
class Corpus:
    """Passages, memory-mapped; ids are unique."""

    ids: MappedStrings
    texts: MappedStrings
    digest: str  # sha256 over ids and texts
    empty: int = 0  # texts without content

    def __len__(self) -> int:
        return len(self.ids)


def cached_corpus(cache_dir: Path, key: Sequence[str], rows: Rows, *, where: str, allow_empty: bool = False) -> Corpus:
    """The corpus named by `key`, which says all that the rows depend on; written if it is not there yet.

    Rows are streamed: 8 bytes of each stay in memory, to find an id that comes twice. No rows at all (then the error
    names `where`), an id that comes twice and, unless `allow_empty`, a text without content are InputErrors, and
    nothing is kept.
    """
    folder = cached_folder(
        Path(cache_dir) / "corpora" / digest(FORMAT, *key), lambda folder: _write(folder, rows, where, allow_empty)
    )
    about = json.loads((folder / "corpus.json").read_text())
    ids, texts = (MappedStrings.open(folder / "rows.arrow", column) for column in range(2))
    return Corpus(ids, texts, about["digest"], about["empty"])


def join_corpora(corpora: Sequence[Corpus]) -> Corpus:
    """All passages, one corpus after the other; the ids of different corpora must differ."""
    if len(corpora) == 1:
        return corpora[0]
    return Corpus(
        MappedStrings.join(corpus.ids for corpus in corpora),
        MappedStrings.join(corpus.texts for corpus in corpora),
        digest(*(corpus.digest for corpus in corpora)),
        sum(corpus.empty for corpus in corpora),
    )


def _write(folder: Path, rows: Rows, where: str, allow_empty: bool) -> None:
    content, hashes, empty = hashlib.sha256(), array("Q"), 0
    with pa.OSFile(str(folder / "rows.arrow"), "wb") as file, pa.ipc.new_file(file, SCHEMA) as writer:
        remaining = iter(rows())
        while batch := list(islice(remaining, BATCH)):
            for passage in batch:
                ident, text = _checked(passage, allow_empty)
                empty += not text.strip()
                content.update(len(ident).to_bytes(8, "little") + ident + len(text).to_bytes(8, "little") + text)
                hashes.append(_hash(ident))
            columns = [pa.array(column, pa.large_string()) for column in list(zip(*batch, strict=True))[:2]]
            writer.write_batch(pa.record_batch(columns, schema=SCHEMA))
    if not hashes:
        raise InputError("the corpus is empty", where=where, fix="supply its files again")
    _check_unique(np.frombuffer(hashes, np.uint64), rows)
    (folder / "corpus.json").write_text(json.dumps({"digest": content.hexdigest(), "empty": empty}))


def _checked(passage: Passage, allow_empty: bool) -> tuple[bytes, bytes]:
    """Id and text in UTF-8."""
    if not passage.id.strip():
        raise InputError("a passage without an id", where=passage.where, fix="give each its own id")
    if not allow_empty and not passage.text.strip():
        raise InputError(f"passage {passage.id!r} is empty", where=passage.where, fix="leave it out or give it a text")
    try:
        return passage.id.encode(), passage.text.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"half of a surrogate pair: {error}", where=passage.where, fix="mend the text") from error


def _hash(ident: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(ident, digest_size=8).digest(), "little")


def _check_unique(hashes: NDArray[np.uint64], rows: Rows) -> None:
    """Read again only where two hashes are equal, which for different ids happens about never."""
    ordered = np.sort(hashes)
    twice = set(ordered[1:][ordered[1:] == ordered[:-1]].tolist())
    first: dict[str, str] = {}
    for passage in rows() if twice else ():
        if _hash(passage.id.encode()) in twice:
            earlier = first.setdefault(passage.id, passage.where)
            if earlier != passage.where:
                what = f"the id {passage.id!r} comes twice, first at {earlier}"
                raise InputError(what, where=passage.where, fix="give each passage its own id")
