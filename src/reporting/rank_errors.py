"""What a rank that fails leaves for the first one, which learns no more than that the other is gone."""

from __future__ import annotations

from pathlib import Path

PATTERN = ".rank-*.error"


def leave_error(folder: Path, rank: str, error: str) -> None:
    """Before this process ends, and the others notice."""
    if folder.is_dir():
        (folder / f".rank-{rank}.error").write_text(f"rank {rank}: {error}", encoding="utf-8")


def take_error(folder: Path) -> str | None:
    """The error of the rank that failed first, if one did; it is told once."""
    left = sorted(folder.glob(PATTERN), key=lambda path: path.stat().st_mtime_ns)
    errors = [path.read_text(encoding="utf-8") for path in left]
    for path in left:
        path.unlink(missing_ok=True)
    return errors[0] if errors else None
