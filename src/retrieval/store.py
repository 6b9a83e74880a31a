"""Embeddings of large corpora on disk, a shard at a time: what is done stays done when a run is killed."""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from src.errors import InputError
from src.retrieval.embeddings import Embeddings

logger = logging.getLogger(__name__)

MANIFEST = "manifest.json"
ABANDONED = 3600  # seconds after which an unfinished file is nobody's
Dtype = Literal["float32", "float16"]
Embed = Callable[[int, int], NDArray[np.float32]]  # the embeddings of the rows from .. to before ..


@dataclass(frozen=True)
class Manifest:
    """What a store's embeddings are of."""

    encoder: str  # identity: settings, tokenizer, architecture and weights
    texts: str  # sha256 of the texts
    side: str
    precision: str | None  # that they were computed in
    dtype: Dtype  # that they are kept in
    dimension: int
    rows: int
    shard: int  # rows in each file but the last

    @property
    def identity(self) -> str:
        """All of it in one hash."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    @property
    def shards(self) -> int:
        """How many files."""
        return -(-self.rows // self.shard)


class Store:
    """A folder of shards, each a .npy file whose name holds its number and the hash of its content."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        """InputError where the folder holds embeddings of anything else, or has no room."""
        self.folder, self.manifest = folder, manifest
        _claim(folder, manifest)
        self._check_room()

    def fill(self, embed: Embed, share: Sequence[int], on_kept: Callable[[int], None]) -> None:
        """Encode the shards in `share` that are not there yet; `on_kept` is told the rows of each that is."""
        kept = [number for number in share if self._is_whole(number)]
        if kept:
            logger.info("%s of %s shards are in %s already", len(kept), len(share), self.folder)
        for number in kept:
            on_kept(self.rows(number))
        for number in sorted(set(share) - set(kept)):
            start = number * self.manifest.shard
            self._write(number, embed(start, start + self.rows(number)))

    def open(self) -> Embeddings:
        """All shards, memory-mapped."""
        files = [self._find(number) for number in range(self.manifest.shards)]
        parts = [np.load(file, mmap_mode="r") for file in files if file]
        if len(parts) < len(files):
            raise InputError(f"{len(files) - len(parts)} of {len(files)} shards are missing", where=str(self.folder))
        return Embeddings(parts, self.folder, self.manifest.identity)

    def _find(self, number: int) -> Path | None:
        return next(self.folder.glob(f"{number:06d}.*.npy"), None)

    def rows(self, number: int) -> int:
        """How many are in a shard."""
        return min(self.manifest.shard, self.manifest.rows - number * self.manifest.shard)

    def _is_whole(self, number: int) -> bool:
        file = self._find(number)
        if file is None:
            return False
        if file.name == _name(number, _hash(file)):
            return True
        logger.warning("%s is damaged, and its texts are encoded again", file)
        file.unlink()
        return False

    def _write(self, number: int, embeddings: NDArray[np.float32]) -> None:
        with np.errstate(over="ignore"):  # told below
            kept = embeddings.astype(self.manifest.dtype)
        if not np.isfinite(kept).all():
            first = number * self.manifest.shard + int(np.flatnonzero(~np.isfinite(kept).all(axis=1))[0])
            raise InputError(
                f"the embedding of text {first} holds NaN or infinity in {self.manifest.dtype}",
                where=str(self.folder),
                fix="check the encoder's weights and precision; encoding.dtype=float32 holds greater numbers",
            )
        temporary = self.folder / f".{number:06d}.{os.getpid()}.part"
        with _told_if_full(self.folder):
            with temporary.open("wb") as file:
                np.save(file, kept)
            temporary.rename(self.folder / _name(number, _hash(temporary)))
            self._sweep(number)

    def _sweep(self, number: int) -> None:
        """Remove what killed runs left of a shard; another run may be writing it now."""
        for part in self.folder.glob(f".{number:06d}.*.part"):
            if time.time() - part.stat().st_mtime > ABANDONED:
                part.unlink(missing_ok=True)

    def _check_room(self) -> None:
        there = sum(file.stat().st_size for file in self.folder.glob("*.npy"))
        size = self.manifest.rows * self.manifest.dimension * np.dtype(self.manifest.dtype).itemsize
        free = shutil.disk_usage(self.folder).free
        if size - there > free:
            raise InputError(
                f"the embeddings take {(size - there) / 1e9:,.1f} GB, and {free / 1e9:,.1f} GB are free",
                where=str(self.folder),
                fix="free some, choose another place with encoding.folder=..., or encoding.dtype=float16 for half",
            )


def _claim(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, or compare with that which is there."""
    path = folder / MANIFEST
    if not path.is_file():
        with _told_if_full(folder):
            folder.mkdir(parents=True, exist_ok=True)
            temporary = folder / f".{MANIFEST}.{os.getpid()}"
            temporary.write_text(json.dumps(asdict(manifest), indent=2) + "\n")
            temporary.replace(path)
        return
    try:
        known = json.loads(path.read_text())
    except ValueError as error:
        raise InputError(f"malformed JSON: {error}", where=str(path), fix="delete the folder") from error
    for key, value in asdict(manifest).items():
        if known.get(key) != value:
            raise InputError(
                f"the embeddings here are of {key} {known.get(key)}, and these would be of {key} {value}",
                where=str(path),
                fix="choose another encoding.folder, or delete this one",
            )


@contextmanager
def _told_if_full(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = "the disk is full" if error.errno == errno.ENOSPC else f"cannot write here: {error.strerror}"
        raise InputError(
            what, where=str(folder), fix="make room, or set encoding.folder; what is there stays"
        ) from error


def _name(number: int, found: str) -> str:
    return f"{number:06d}.{found[:16]}.npy"


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
