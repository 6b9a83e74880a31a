"""What pages of Markdown show: blocks of code, and commands with their overrides."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from src.entry import as_overrides
from src.reading.settings import split
from src.search import quoted
from tests.command import ROOT

PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
FLAGS = ("-m", "--multirun", "--cfg", "job", "--help")


def blocks(page: Path, kind: str) -> list[str]:
    """The page's code blocks of one kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def file(page: Path, name: str) -> str:
    """The block that is shown as a file of that name."""
    return next(text for kind in ("python", "yaml") for text in blocks(page, kind) if f"# {name}\n" in text[:200])


def commands(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Each `python -m src.X ...` of the page's blocks: X, and its words without comments."""
    for text in blocks(page, "bash"):
        for line in text.replace("\\\n", " ").splitlines():
            if "python -m src." not in line:
                continue
            typed = re.split(r"\s{2,}(?=\S)|\s#\s", line[line.index("python -m src.") :])[0]
            words = shlex.split(re.sub(r"<[^>]*>", "FOLDER", typed))
            yield words[2].removeprefix("src."), [word for word in words[3:] if word not in FLAGS and word != "..."]


def overrides(entry: str, words: list[str]) -> tuple[str, list[str]]:
    """The configuration that a command composes, and its words as Hydra takes them."""
    if entry == "rows":
        return "train", split(words)[1]
    if entry == "search":
        return "ask", quoted(words)
    named = {"check": "train"}.get(entry, entry)
    return named, as_overrides(words) if entry in ("compare", "shift", "errors", "dashboard") else words
