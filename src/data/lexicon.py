"""Bilingual lexicons in the format of MUSE (Conneau et al., ICLR 2018): a file a language pair, such as en-de.txt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from src.data.words import normal
from src.errors import InputError

Lexicon = dict[str, tuple[str, ...]]  # word in normal form -> its translations, in the order of the file

FIX = "a line is a word, a tab or spaces, and one translation; a word with several translations has several lines"


def read_lexicon(path: Path) -> Lexicon:
    """All entries of one file; an InputError names the line that does not parse.

    After a tab a translation may have several words. Words are looked up in lower case, so entries that differ in case
    are one word's; translations keep the case that they have.
    """
    entries: dict[str, dict[str, None]] = {}
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                word, translation = _parse(line, f"{path}, line {number}")
                entries.setdefault(normal(word), {})[translation] = None
    if not entries:
        raise InputError("the lexicon has no entry", where=str(path), fix=FIX)
    return {word: tuple(translations) for word, translations in entries.items()}


def find_lexicons(
    folder: str | Path, languages: Sequence[str], pairs: Sequence[str] | None
) -> dict[tuple[str, str], Path]:
    """Files by (source, target): those named by `pairs`, such as en-de, or all that the folder has from `languages`."""
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(
            f"no folder {str(folder)!r}",
            where="augmentation.folder",
            fix="the folder with MUSE's dictionaries, such as en-de.txt; conf/augmentation/ says where to get them",
        )
    if pairs is not None:
        return {_pair(pair, languages): _existing(folder, pair) for pair in pairs}
    found = {
        (match[1], match[2]): path
        for path in sorted(folder.glob("*.txt"))
        # not MUSE's parts of a lexicon for training and testing, such as en-de.0-5000.txt
        if (match := re.fullmatch(rf"({'|'.join(map(re.escape, languages))})-([^.]+)\.txt", path.name))
    }
    if not found:
        raise InputError(
            f"no lexicon from any of {', '.join(languages)}",
            where=f"augmentation.folder={folder}",
            fix=f"name files by source and target, such as {languages[0]}-xx.txt",
        )
    return found


def _parse(line: bytes, where: str) -> tuple[str, str]:
    try:
        text = line.decode("utf-8-sig").strip(" \t\r\n")  # the signature that some editors write is no part of a word
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8: {line[:60]!r}", where=where, fix="convert the file to UTF-8") from error
    parts = re.split(r" *\t[\t ]*" if "\t" in text else r" +", text)
    if len(parts) != 2 or " " in parts[0]:
        raise InputError(f"expected a word and its translation, got {text[:60]!r}", where=where, fix=FIX)
    return parts[0], parts[1]


def _pair(pair: str, languages: Sequence[str]) -> tuple[str, str]:
    for language in sorted(languages, key=len, reverse=True):
        if pair.startswith(f"{language}-") and len(pair) > len(language) + 1:
            return language, pair[len(language) + 1 :]
    raise InputError(
        f"{pair!r} does not lead from a language of the training data to another",
        where="augmentation.pairs",
        fix=f"begin it with one of {', '.join(languages)}, as in {languages[0]}-xx",
    )


def _existing(folder: Path, pair: str) -> Path:
    path = folder / f"{pair}.txt"
    if not path.is_file():
        names = sorted(each.name for each in folder.glob("*.txt"))
        raise InputError(
            f"no lexicon for {pair}",
            where=f"augmentation.pairs, {path}",
            fix=f"the folder holds {', '.join(names[:20]) or 'no .txt file'}; leave the pair out or add its file",
        )
    return path
