"""A benchmark: queries, candidates and judgements, each with a language."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from src.errors import InputError
from src.evaluation.measures import parse

SETTINGS = ("monolingual", "crosslingual", "multilingual")


@dataclass(frozen=True, eq=False)
class TextSet:
    """Texts with ids and languages; ids and texts may be memory-mapped."""

    ids: Sequence[str]  # unique
    texts: Sequence[str]
    language: NDArray[np.int16]  # [texts] index into the benchmark's languages
    checked: bool = False  # its reader has seen that ids are unique and texts are as they may be: not looked at again
    digest: str | None = None  # of ids and texts; None: they are hashed one by one

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class Judgements:
    """Relevance judgements as parallel arrays, sorted by query; a pair not listed is not relevant."""

    query: NDArray[np.int32]  # index into queries
    candidate: NDArray[np.int32]  # index into candidates
    grade: NDArray[np.int16]  # > 0 is relevant

    def __len__(self) -> int:
        return len(self.query)

    @cached_property
    def relevant(self) -> Judgements:
        """Those with a grade above 0."""
        kept = self.grade > 0
        return Judgements(self.query[kept], self.candidate[kept], self.grade[kept])


@dataclass(frozen=True, eq=False)
class Missing:
    """Relevant judgements whose documents the published pool lacks: never found, but counted as relevant."""

    ids: Sequence[str]  # of the documents
    query: NDArray[np.int32]  # index into queries
    language: NDArray[np.int16]  # of the document
    grade: NDArray[np.int16]  # > 0


@dataclass(frozen=True, eq=False)
class Benchmark:
    """Queries, candidates and judgements with their languages, and the metrics that headline them."""

    name: str
    languages: tuple[str, ...]
    queries: TextSet
    candidates: TextSet
    judgements: Judgements
    concept: NDArray[np.int32]  # [queries] translations of one question share a concept: the unit of resampling
    metrics: tuple[str, ...]  # such as "mAP", "mAP@20", "nDCG@10", "R@1"
    headline: str  # the metric a table leads with
    template: str  # how candidate text was made, for example "sentence" or "sentence + context"
    sources: dict[str, str] = field(default_factory=dict)  # file name -> sha256
    settings: tuple[str, ...] = SETTINGS  # those that the judgements support, where there are languages for them
    own: NDArray[np.int32] | None = None  # [queries] the candidate that is the query itself, never a result; or -1
    missing: Missing | None = None
    score_setting: str | None = None  # where the headline metric stands for the benchmark in a suite; None: their mean

    def __post_init__(self) -> None:
        if unknown := set(self.settings) - set(SETTINGS):
            raise InputError(f"unknown setting {min(unknown)!r}", where=self.name, fix=f"one of {', '.join(SETTINGS)}")
        if not self.measured:
            what = f"it measures {' and '.join(self.settings) or 'nothing'}, and all its texts are in one language"
            raise InputError(what, where=self.name, fix="choose more languages")
        if self.score_setting not in (None, *self.measured):
            fix = f"one of {', '.join(self.measured)}"
            raise InputError(f"it does not measure {self.score_setting!r}", where="benchmark.score_setting", fix=fix)
        for metric in (*self.metrics, self.headline):
            parse(metric)
        if self.headline not in self.metrics:
            raise InputError(f"the headline metric {self.headline!r} is not among {', '.join(self.metrics)}")
        self._check_texts("query", self.queries)
        self._check_texts("candidate", self.candidates)
        self._check_judgements()
        self._check_own()

    @property
    def measured(self) -> tuple[str, ...]:
        """The settings that its results have: all but the monolingual one need several languages."""
        return tuple(s for s in SETTINGS if s in self.settings and (s == "monolingual" or len(self.languages) > 1))

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over everything that is scored: ids, texts, languages, judgements and the template."""
        digest = hashlib.sha256()
        _hash_strings(digest, [self.template, *self.languages])
        for texts in (self.queries, self.candidates):
            if texts.digest is None:
                _hash_strings(digest, texts.ids)
                _hash_strings(digest, texts.texts)
            else:
                digest.update(texts.digest.encode())
            digest.update(np.asarray(texts.language, dtype="<i2").tobytes())
        for column in (self.judgements.query, self.judgements.candidate, self.judgements.grade):
            digest.update(np.asarray(column, dtype="<i8").tobytes())
        if self.own is not None:
            digest.update(np.asarray(self.own, dtype="<i8").tobytes())
        if self.missing is not None:
            for part in (self.missing.query, self.missing.language, self.missing.grade):
                digest.update(np.asarray(part, dtype="<i8").tobytes())
        return digest.hexdigest()

    def _check_texts(self, kind: str, texts: TextSet) -> None:
        if not len(texts) == len(texts.texts) == len(texts.language):
            raise InputError(f"{len(texts)} {kind} ids, {len(texts.texts)} texts, {len(texts.language)} languages")
        if not len(texts):
            raise InputError(f"the benchmark has no {kind}", where=self.name)
        if texts.checked:
            return
        if len(set(texts.ids)) < len(texts):
            seen: set[str] = set()
            twice = next(i for i in texts.ids if i in seen or seen.add(i))  # type: ignore[func-returns-value]
            raise InputError(f"duplicate {kind} id {twice!r}", where=self.name, fix="give each text its own id")
        for ident, text in zip(texts.ids, texts.texts, strict=True):
            if not text.strip():
                raise InputError(f"{kind} {ident!r} is empty", where=self.name, fix="leave it out or give it a text")
            if not _is_encodable(text):
                what = f"{kind} {ident!r} holds half of a surrogate pair"
                raise InputError(what, where=self.name, fix="mend the text")

    def _check_judgements(self) -> None:
        judged = self.judgements
        for kind, index, size in (
            ("query", judged.query, len(self.queries)),
            ("candidate", judged.candidate, len(self.candidates)),
        ):
            if len(index) and (index.min() < 0 or index.max() >= size):
                raise InputError(f"a judgement names {kind} {index.max()}, but there are {size}", where=self.name)
        if (np.diff(judged.query) < 0).any():
            raise InputError("judgements are not sorted by query", where=self.name)
        pairs = judged.query.astype(np.int64) * len(self.candidates) + judged.candidate
        if len(np.unique(pairs)) < len(pairs):
            raise InputError("a query and a candidate are judged twice", where=self.name)
        if not (judged.grade > 0).any():
            raise InputError("no judgement says that a candidate is relevant", where=self.name)

    def _check_own(self) -> None:
        if self.own is None:
            return
        if len(self.own) != len(self.queries) or self.own.min() < -1 or self.own.max() >= len(self.candidates):
            raise InputError("the queries' own candidates do not fit the queries and candidates", where=self.name)
        relevant = self.judgements.relevant
        itself = np.flatnonzero(self.own[relevant.query] == relevant.candidate)
        if len(itself):
            query = self.queries.ids[relevant.query[itself[0]]]
            raise InputError(f"query {query!r} is judged relevant to itself, but is never a result", where=self.name)


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _hash_strings(digest: hashlib._Hash, strings: Iterable[str]) -> None:
    for string in strings:  # each with its length, so that no two lists of strings look alike
        content = string.encode()
        digest.update(len(content).to_bytes(8, "little") + content)
