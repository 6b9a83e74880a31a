"""Tables and texts in Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table, its figures flush right."""
    align = [
        "---:" if all(re.match(r"[-–]?\d|–", cell) for cell in cells) else "---" for cells in zip(*rows, strict=True)
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, align, *rows))


def escaped(text: str) -> str:
    """A text that stays in its cell and means nothing to Markdown."""
    flat = " ".join(str(text).split())
    for mark in ("\\", "|", "`", "*", "<", "[", "]"):
        flat = flat.replace(mark, f"\\{mark}")
    return flat
