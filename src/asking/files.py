"""Texts from files in any languages: plain text, a text a line or a paragraph, and JSON lines."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from src.asking.facts import NAME, facts
from src.asking.texts import UNKNOWN, Text, Texts
from src.data.json_lines import Object, read_objects, text_lines
from src.data.language_files import CODE
from src.errors import InputError

log = logging.getLogger(__name__)

UNITS = ("line", "paragraph")
PLAIN, OBJECTS = (".txt", ".md"), (".jsonl", ".ndjson")
WHERE = "texts"


@dataclass(frozen=True)
class Reading:
    """How files become texts."""

    unit: str = "line"  # of plain text: a line, or what blank lines divide
    text_key: str = "text"
    language_key: str = "language"
    id_key: str = "id"
    language: str | None = None  # of texts whose file or line does not say it
    parallel: bool = False  # the n-th text of each plain file is a translation of the others' n-th

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise InputError(f"unit must be one of {', '.join(UNITS)}, got {self.unit!r}", where="unit")


def read_texts(named: Sequence[str], reading: Reading) -> Texts:
    """All texts of files, folders, patterns such as `data/*.txt`, and the embedded facts; InputError if there is none.

    A folder's files are those of the usual endings, in it and below, by path; a file that is named outright is plain
    text whatever its ending, unless it is that of JSON lines.
    """
    files = [file for name in named if name != NAME for file in _files(name)]
    every = {file: list(_texts(file, reading)) for file in dict.fromkeys(files)}
    if reading.parallel:
        every |= _paired({file: texts for file, texts in every.items() if not _is(file, OBJECTS)})
    texts = [text for file in every for text in every[file]] + (facts() if NAME in named else [])
    if not texts:
        raise InputError("there is no text to search", where=f"{WHERE}={', '.join(named)}", fix="texts=FILE or FOLDER")
    unknown = sum(text.language == UNKNOWN for text in texts)
    if unknown:
        log.info("%s of %s texts have no language (shown as %s)", f"{unknown:,}", f"{len(texts):,}", UNKNOWN)
    return Texts(texts)


def _files(name: str) -> list[Path]:
    path = Path(name)
    if path.is_file():
        return [path]
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.is_file() and _is(file, PLAIN + OBJECTS))
        found = [file for file in found if not any(part.startswith(".") for part in file.relative_to(path).parts)]
        if not found:
            endings = ", ".join(PLAIN + OBJECTS)
            raise InputError(f"the folder has no file that ends in {endings} or .gz of it", where=f"{WHERE}={name}")
        return found
    found = sorted(file for file in Path(path.anchor).glob(str(path.relative_to(path.anchor))) if file.is_file())
    if "*" not in name or not found:
        fix = f"the path of a file or a folder, or {NAME} for the embedded facts"
        raise InputError("no such file or folder", where=f"{WHERE}={name}", fix=fix)
    return found


def _is(file: Path, endings: Sequence[str]) -> bool:
    return file.name.removesuffix(".gz").endswith(tuple(endings))


def _texts(file: Path, reading: Reading) -> Iterator[Text]:
    language = language_of(file.name) or reading.language or UNKNOWN
    if _is(file, OBJECTS):
        return _objects(file, reading, language)
    lines = enumerate((line.strip() for _, line in text_lines(file)), start=1)
    if reading.unit == "line":
        return (Text(line, language, f"{file}:{number}") for number, line in lines if line)
    return _paragraphs(file, lines, language)


def language_of(name: str) -> str | None:
    """The language that a file is named after: de of de.txt and of faq.de.txt.gz, none of faq.txt."""
    stem = name.removesuffix(".gz").rpartition(".")[0].rpartition(".")[2]
    return stem if re.fullmatch(CODE, stem) and re.split("[-_]", stem)[0] in _known() else None


@cache
def _known() -> frozenset[str]:
    from babel import Locale

    return frozenset(Locale("en").languages)


def _paragraphs(file: Path, lines: Iterator[tuple[int, str]], language: str) -> Iterator[Text]:
    held: list[str] = []
    first = 0
    for number, line in lines:
        if line:
            first = first if held else number
            held.append(line)
        elif held:
            yield Text(" ".join(held), language, f"{file}:{first}")
            held = []
    if held:
        yield Text(" ".join(held), language, f"{file}:{first}")


def _objects(file: Path, reading: Reading, language: str) -> Iterator[Text]:
    empty = 0
    for line in read_objects(file):
        if reading.text_key not in line.value:
            what = f"no key {reading.text_key!r} here, but {', '.join(line.value) or 'none'}"
            raise InputError(what, where=line.where, fix="text_key=KEY of the text")
        text = " ".join(line.text(reading.text_key).split())
        empty += not text
        if text:
            source = ":".join(line.where.rsplit(", line ", 1))
            yield Text(text, line.text(reading.language_key, language), source, _id(line, reading.id_key))
    if empty:
        log.warning("%s: %s lines have an empty text, and are left out", file, f"{empty:,}")


def _id(line: Object, key: str) -> str | None:
    value = line.value.get(key)
    if not isinstance(value, str | int | None):
        raise InputError(f"{key!r} must be a text or a number, found {value!r}", where=line.where, fix="id_key=KEY")
    return None if value is None else str(value)


def _paired(files: dict[Path, list[Text]]) -> dict[Path, list[Text]]:
    """Texts with their place in their file as id; InputError where files are not parallel."""
    if len(files) < 2:
        what = f"parallel needs two plain files or more, and here is {'one' if files else 'none'}"
        raise InputError(what, where="parallel", fix="parallel=false; JSON lines say by an id what belongs together")
    counts = {file: len(texts) for file, texts in files.items()}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{count:,} in {file}" for file, count in counts.items())
        raise InputError(f"the files are not parallel: texts are {told}", where="parallel", fix="parallel=false")
    return {
        file: [text._replace(id=str(place)) for place, text in enumerate(texts, start=1)]
        for file, texts in files.items()
    }
