"""Checked JSON lines gathered into concepts, questions and passages."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TypeVar

import numpy as np

from src.data.components import connected
from src.data.jsonl_format import Line
from src.data.pair_index import HardNegatives
from src.data.parallel_pairs import ParallelPairs
from src.data.splits import hold_out
from src.errors import InputError

logger = logging.getLogger(__name__)

# A passage's key: ("id", passage_id), ("of", concept id), or ("text", language, text) for a negative given as text.
Key = tuple[str, ...]
T = TypeVar("T")


@dataclass(slots=True)
class Concept:
    """What the lines of one id have said so far."""

    where: str  # of its first line
    passage: Key = ()  # not named yet
    dataset: str | None = None
    negatives: dict[Key, str] = field(default_factory=dict)  # -> where it is named


class Collection:
    """All lines so far; texts by language, then by concept id or by passage key."""

    def __init__(self) -> None:
        self.concepts: dict[str, Concept] = {}
        self.questions: dict[str, dict[str, str]] = {}
        self.passages: dict[str, dict[Key, str]] = {}

    @property
    def languages(self) -> list[str]:
        """Codes found, sorted."""
        return sorted({*self.questions, *self.passages})

    def add(self, line: Line) -> None:
        """Take in a line, refusing what contradicts an earlier one."""
        if line.passage is not None:
            self._add_passage(line, line.passage)
        if line.id is None:
            return
        concept = self.concepts.setdefault(line.id, Concept(line.where))
        if line.question is not None:
            questions = self.questions.setdefault(line.language, {})
            if line.id in questions:
                raise line.error(
                    f"duplicate question of {line.id!r} in {line.language!r}", "give each id one a language"
                )
            questions[line.id] = line.question
        if line.passage is not None or line.passage_id is not None:
            concept.passage = _agreed("passage_id", concept.passage or None, _key(line), line)
        if line.dataset is not None:
            concept.dataset = _agreed("dataset", concept.dataset, line.dataset, line)
        self._add_negatives(line, concept)

    def check(self) -> None:
        """Refuse concepts that no line completes, and negatives that no line defines."""
        defined, asked = set(chain(*self.passages.values())), set(chain(*self.questions.values()))
        for ident, concept in self.concepts.items():
            if ident not in asked:
                raise InputError(f"concept {ident!r} has no question in any language", where=concept.where)
            if concept.passage not in defined:
                raise InputError(f"concept {ident!r} has no passage in any language", where=concept.where)
            for key, where in concept.negatives.items():
                if key not in defined:
                    fix = "give that passage a line with its passage_id"
                    raise InputError(f"unknown negative id {key[1]!r}", where=where, fix=fix)
                if key == concept.passage:
                    raise InputError(f"concept {ident!r} has its own passage among its negatives", where=where)

    def pairs(self, languages: Sequence[str], default_dataset: str, validation_fraction: float) -> ParallelPairs:
        """What these languages hold; concepts without a question or a passage in them are left out."""
        questions = [self.questions.get(language, {}) for language in languages]
        passages = [self.passages.get(language, {}) for language in languages]
        kept = self._kept(set(chain(*questions)), set(chain(*passages)))
        ids = {key: number for number, key in enumerate(dict.fromkeys(_keys(kept.values())))}
        names = [concept.dataset or default_dataset for concept in kept.values()]
        datasets = tuple(dict.fromkeys(names))
        if len(datasets) > 256:
            raise InputError(f"{len(datasets)} datasets; at most 256 can be told apart", where="column 'dataset'")
        texts = [[held.get(key) for key in ids] for held in passages]
        passage = np.array([ids[concept.passage] for concept in kept.values()], np.int32)
        return ParallelPairs(
            languages=tuple(languages),
            questions=[[held.get(ident) for ident in kept] for held in questions],
            passages=texts,
            passage=passage,
            held_out=hold_out(validation_fraction, connected(len(ids), texts)[passage]),
            datasets=datasets,
            dataset=np.array([datasets.index(dataset) for dataset in names], np.uint8),
            negatives=_ragged([[ids[key] for key in concept.negatives] for concept in kept.values()]),
        )

    def _add_passage(self, line: Line, text: str) -> None:
        passages = self.passages.setdefault(line.language, {})
        # A passage that several concepts share may be written out with each of them, if it stays the same.
        if passages.get(_key(line), text) != text or (line.passage_id is None and _key(line) in passages):
            what = f"duplicate passage of {line.passage_id or line.id!r} in {line.language!r}"
            raise line.error(what, "give each passage one text a language; name shared ones by passage_id")
        passages[_key(line)] = text

    def _add_negatives(self, line: Line, concept: Concept) -> None:
        for text in line.negatives:
            self.passages.setdefault(line.language, {})["text", line.language, text] = text
            concept.negatives["text", line.language, text] = line.where
        for passage_id in line.negative_ids:
            concept.negatives["id", passage_id] = line.where

    def _kept(self, asked: set[str], defined: set[Key]) -> dict[str, Concept]:
        kept = {
            ident: replace(concept, negatives={key: at for key, at in concept.negatives.items() if key in defined})
            for ident, concept in self.concepts.items()
            if ident in asked and concept.passage in defined
        }
        if left_out := len(self.concepts) - len(kept):
            logger.warning("left out %d concepts that have no pair in the chosen languages", left_out)
        return kept


def _key(line: Line) -> Key:
    return ("id", line.passage_id) if line.passage_id is not None else ("of", line.id or "")


def _keys(concepts: Iterable[Concept]) -> Iterator[Key]:
    """Every passage that the concepts use, positives and negatives."""
    for concept in concepts:
        yield concept.passage
        yield from concept.negatives


def _agreed(column: str, earlier: T | None, new: T, line: Line) -> T:
    if earlier is not None and earlier != new:
        fix = "give the same one on every line of an id that has a passage"
        raise line.error(f"{line.id!r} has another {column!r} on an earlier line", fix)
    return new


def _ragged(negatives: Sequence[Sequence[int]]) -> HardNegatives | None:
    if not any(negatives):
        return None
    offsets = np.concatenate([[0], np.cumsum([len(of_one) for of_one in negatives])]).astype(np.int64)
    return HardNegatives(offsets, np.fromiter(chain(*negatives), np.int32, offsets[-1]))
