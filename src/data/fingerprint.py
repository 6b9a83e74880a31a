"""Hashes that name caches and prove in a run's record which data it saw."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from src.data.cache import writing


def digest(*parts: object) -> str:
    """sha256 of plain values (anything JSON can write), as hex."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def file_sha256(path: Path, cache_dir: Path) -> str:
    """sha256 of a file, remembered in `cache_dir` for as long as the file's path, size and time stay the same."""
    status = path.stat()
    remembered = cache_dir / "sha256" / digest(str(path.resolve()), status.st_size, status.st_mtime_ns)
    if remembered.is_file():
        return remembered.read_text()
    with path.open("rb") as file:
        value = hashlib.file_digest(file, "sha256").hexdigest()
    with writing(remembered):
        temporary = remembered.with_suffix(f".{os.getpid()}")
        temporary.write_text(value)
        temporary.replace(remembered)
    return value
