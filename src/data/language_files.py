"""Which file of a folder holds which language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from src.errors import InputError

CODE = r"[a-z]{2,3}(?:[-_](?:[A-Z][a-z]{3}|[A-Za-z]{2}|\d{3}))*"  # such as de, zh-Hant, pt_BR, es-419
SQUAD_NAMES = (  # published names of files in the SQuAD format
    "{language}.json",  # XQuAD-R, MLQA-R
    "xquad.{language}.json",  # XQuAD
    "squad.translate.train.en-{language}.json",  # XTREME's translations of SQuAD 1.1
    "squad.translate.dev.en-{language}.json",
    "dev-context-{language}-question-{language}.json",  # MLQA
    "test-context-{language}-question-{language}.json",
)


def find_language_files(
    folder: Path,
    languages: Sequence[str] | None,
    pattern: str | None,
    files: Mapping[str, str | Sequence[str]] | None,
    known: Sequence[str] = SQUAD_NAMES,
) -> dict[str, list[Path]]:
    """The files of each language, one as a rule, in the order of `languages`, or of all that are found.

    `files` names files outright (.gz may be left out), one or several of a language; the other languages' are found by
    `pattern`, in which {language} stands for the code.
    Without a pattern the one of the `known` names (plain or .gz) that matches is taken; more than one is an InputError.
    """
    if not folder.is_dir():
        raise InputError(f"no folder {str(folder)!r}", where="dataset.folder", fix="give the folder that has the files")
    given = {
        language: [_named(folder, name) for name in _names(language, names)]
        for language, names in (files or {}).items()
    }
    if missing := [path.name for paths in given.values() for path in paths if not path.is_file()]:
        raise _not_found(f"missing {', '.join(missing)}", folder)
    needs_pattern = pattern or languages is None or set(languages) - set(given)
    matched = _match(folder, pattern, known, optional=bool(given)) if needs_pattern else {}
    found = dict(sorted({**{language: [path] for language, path in matched.items()}, **given}.items()))
    return found if languages is None else _choose(found, languages, folder)


def _names(language: str, names: str | Sequence[str]) -> list[str]:
    listed = [names] if isinstance(names, str) else names
    texts = isinstance(listed, Sequence) and all(isinstance(each, str) for each in [language, *listed])
    if not texts or not listed:
        fix = 'a name or a list of names for each language; YAML reads a bare no as false, so quote "no"'
        raise InputError(f"{names!r} names no file", where=f"dataset.files.{language}", fix=fix)
    return list(listed)


def _named(folder: Path, name: str) -> Path:
    path, packed = folder / name, folder / f"{name}.gz"
    return packed if packed.is_file() and not path.is_file() else path


def _match(folder: Path, pattern: str | None, known: Sequence[str], *, optional: bool) -> dict[str, Path]:
    patterns = [pattern] if pattern else [name + ending for name in known for ending in ("", ".gz")]
    matches = {name: files for name in patterns if (files := _files_by_language(folder, name))}
    if len(matches) > 1:
        raise InputError(
            f"files are named in more than one way: {', '.join(matches)}",
            where=str(folder),
            fix="choose one with dataset.pattern, or name the files in dataset.files",
        )
    if not matches and not optional:
        raise _not_found(f"no file is named like {' or '.join(patterns)}", folder)
    return next(iter(matches.values()), {})


def _files_by_language(folder: Path, pattern: str) -> dict[str, Path]:
    if "{language}" not in pattern:
        raise InputError(
            f"{pattern!r} has no {{language}}", where="dataset.pattern", fix='for example "{language}.json"'
        )
    first, *rest = (re.escape(part) for part in pattern.split("{language}"))
    name = re.compile(first + f"(?P<language>{CODE})" + "(?P=language)".join(rest))
    matches = ((name.fullmatch(path.name), path) for path in sorted(folder.iterdir()) if path.is_file())
    return {match["language"]: path for match, path in matches if match}


def _choose(found: Mapping[str, list[Path]], languages: Sequence[str], folder: Path) -> dict[str, list[Path]]:
    if not languages or len(set(languages)) != len(languages) or not all(isinstance(code, str) for code in languages):
        raise InputError(
            f"languages {list(languages)} are not a list of different codes",
            where="dataset.languages",
            fix='for example [de, en]; YAML reads a bare no as false, so quote "no"',
        )
    if missing := [language for language in languages if language not in found]:
        what = f"no file for {', '.join(missing)}; there are files for {', '.join(found) or 'no language'}"
        raise _not_found(what, folder)
    return {language: found[language] for language in languages}


def _not_found(what: str, folder: Path) -> InputError:
    names = sorted(path.name for path in folder.iterdir())
    shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    fix = "name the files in dataset.files, or their pattern in dataset.pattern"
    return InputError(what, where=f"{folder}, which holds {shown or 'nothing'}", fix=fix)
