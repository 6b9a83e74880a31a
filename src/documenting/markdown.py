"""Comments of the configuration as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

COMMAND = "python -m src."


def prose(text: str) -> str:
    """Words in which nothing but `code` means anything to Markdown."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else _escape(part) for part in parts)


def code(text: str) -> str:
    """A value, as it is written."""
    return f"`{text}`"


def cell(text: str) -> str:
    """What may stand between the bars of a table."""
    return text.replace("|", "\\|")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table, line by line."""
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(map(cell, row))} |"
    yield ""


def comment(lines: Iterable[str]) -> Iterator[str]:
    """A leading comment: its commands and whatever is indented as blocks, the rest as paragraphs."""
    for kind, group in groupby(lines, _kind):
        if kind == "prose":
            yield prose(" ".join(group))
        elif kind:
            yield from (f"```{kind}", *(line.removeprefix("  ") for line in group), "```")
        if kind:
            yield ""


def _kind(line: str) -> str:
    if line.startswith(COMMAND):
        return "bash"
    if line.startswith("  "):
        return "text"
    return "prose" if line else ""


def _escape(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([*\\~]|(?<!\w)_|_(?!\w))", r"\\\1", text)
