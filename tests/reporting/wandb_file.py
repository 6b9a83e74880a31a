"""Reads what an offline W&B run recorded: a LevelDB log of protobuf records.

W&B 0.31 writes these files from its core binary and ships no Python reader, only the record's protobuf.
"""

import json
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wandb.proto import wandb_internal_pb2 as protobuf

BLOCK, FILE_HEADER, CHUNK_HEADER = 32768, 7, 7
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


@dataclass
class Recorded:
    """Everything that one `.wandb` file says."""

    run: Any = None
    config: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    exit_code: int | None = None
    artifacts: list[Any] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)


def read_wandb(folder: Path, patience: float = 10) -> Recorded:
    """The one finished run below a folder; W&B writes the end of an offline run in its own process, soon after."""
    (path,) = folder.rglob("*.wandb")
    deadline = time.monotonic() + patience
    while (recorded := _read(path)).exit_code is None:
        assert time.monotonic() < deadline, f"no exit status in {path}"
        time.sleep(0.02)
    return recorded


def _read(path: Path) -> Recorded:
    recorded = Recorded()
    for data in _records(path.read_bytes()):
        record = protobuf.Record()
        record.ParseFromString(data)
        _add(recorded, record)
    return recorded


def _add(recorded: Recorded, record: Any) -> None:
    kind = record.WhichOneof("record_type")
    recorded.kinds.add(kind)
    if kind == "run":
        recorded.run = record.run
        recorded.config |= _items(record.run.config.update)
    elif kind == "config":
        recorded.config |= _items(record.config.update)
    elif kind == "history":
        recorded.history.append(_items(record.history.item))
    elif kind == "summary":
        recorded.summary |= _items(record.summary.update)
    elif kind == "artifact":
        recorded.artifacts.append(record.artifact)
    elif kind == "exit":
        recorded.exit_code = record.exit.exit_code


def _items(items: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for item in items:
        *parents, last = item.nested_key or [item.key]
        inner = values
        for parent in parents:
            inner = inner.setdefault(parent, {})
        inner[last] = json.loads(item.value_json)
    return values


def _records(data: bytes) -> Iterator[bytes]:
    assert data[:4] in (b":W&B", b"")
    position, parts = FILE_HEADER, b""
    while position + CHUNK_HEADER <= len(data):
        left = BLOCK - position % BLOCK
        if left < CHUNK_HEADER:
            position += left
            continue
        _, length, kind = struct.unpack("<IHB", data[position : position + CHUNK_HEADER])
        chunk = data[position + CHUNK_HEADER : position + CHUNK_HEADER + length]
        if len(chunk) < length:
            return
        position += CHUNK_HEADER + length
        parts = parts + chunk if kind in (MIDDLE, LAST) else chunk
        if kind in (FULL, LAST):
            yield parts
