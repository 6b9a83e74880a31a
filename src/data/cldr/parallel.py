"""The whole set as parallel lists: every fact's question and answer in each of some languages."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import babel

from src.data.cldr.facts import facts
from src.data.cldr.split import Split, split
from src.data.cldr.templates import LANGUAGES, template_file
from src.data.cldr.wording import answer, question
from src.data.fingerprint import digest
from src.errors import InputError


@dataclass(frozen=True)
class ParallelFacts:
    """Questions and answers by language and fact id, the split of the ids, and what they were made from."""

    languages: tuple[str, ...]
    questions: dict[str, tuple[str, ...]]
    answers: dict[str, tuple[str, ...]]
    split: Split
    sources: dict[str, str]  # file name -> sha256

    @property
    def fingerprint(self) -> str:
        """Hash of the texts and of their split, whatever version of CLDR and of this code made them."""
        return digest(self.languages, self.questions, self.answers, [part.tolist() for part in self.split])


def parallel_facts(languages: Sequence[str] | None, *, where: str) -> ParallelFacts:
    """The set in some languages, or in all. Facts, ids and split stay the same; `where` names the setting in errors."""
    chosen = LANGUAGES if languages is None else tuple(languages)
    if unknown := [language for language in chosen if language not in LANGUAGES]:
        raise InputError(
            f"cldr_facts has no {', '.join(map(repr, unknown))}",
            where=where,
            fix=f"choose among {', '.join(LANGUAGES)}",
        )
    if not chosen or len(set(chosen)) < len(chosen):
        what = f"languages are named twice: {list(chosen)}" if chosen else "no language is named"
        raise InputError(what, where=where, fix="name at least one, and each once; null: all")
    sentences = {language: _sentences(language) for language in chosen}
    return ParallelFacts(
        languages=chosen,
        questions={language: questions for language, (questions, _) in sentences.items()},
        answers={language: answers for language, (_, answers) in sentences.items()},
        split=split(facts()),
        sources=_sources(chosen),
    )


@cache
def _sentences(language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(question(fact, language) for fact in facts()), tuple(answer(fact, language) for fact in facts())


def _sources(languages: Sequence[str]) -> dict[str, str]:
    root = Path(babel.__file__).parent
    cldr = [root / "global.dat", *(root / "locale-data" / f"{language}.dat" for language in languages)]
    paths = {f"babel {babel.__version__}: {path.name}": path for path in cldr}
    paths |= {f"templates: {language}.toml": template_file(language) for language in languages}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items()}
