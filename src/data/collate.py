"""From rows of integers to a batch: tokens looked up, negatives drawn, padding cut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from src.data.augmentation import Augmentation, Drawn
from src.data.batch import PairBatch, TextChunks, TextTargets, TextVersions
from src.data.chunks import chunk
from src.data.instructions import NONE as NO_INSTRUCTION
from src.data.instructions import InstructedTokens
from src.data.pair_index import PairIndex
from src.data.targets import Targets
from src.data.texts import ParallelTexts
from src.data.tokens import TokenTable
from src.sampling.translations import NONE, Translations


@dataclass(frozen=True, eq=False)
class Collator:
    """Makes one process's batch from its slice of a plan's rows; the same rows always give the same batch."""

    index: PairIndex
    questions: TokenTable
    passages: TokenTable
    question_texts: ParallelTexts  # which of them are the same text
    passage_texts: ParallelTexts  # the same, and which languages hold them
    pad_id: int
    seed: int
    negatives: int = 0  # explicit negatives a row
    overhead: int = 128  # tokens' worth of work that one more forward pass costs
    translations: Mapping[str, Translations] = field(default_factory=dict)  # for losses that need second languages
    targets: Mapping[str, Targets] = field(default_factory=dict)  # for losses that have a teacher
    most: int | None = None  # texts of a chunk, where memory limits them
    augmentation: Augmentation | None = None
    other_instruction: bool = False  # also each query under another instruction, for losses that need it
    _held: dict[int, NDArray[np.bool_]] = field(default_factory=dict, repr=False)

    def __call__(self, rows: NDArray[np.int32], own: slice, step: int, micro: int) -> PairBatch:
        """The batch of the rows `own` of a global batch's rows [batch_size, 3]."""
        concepts, query_languages, passage_languages = rows[own].T
        question_ids = self.index.question[concepts]
        passage_ids = self.index.passage[concepts]
        owner, negative_ids, negative_languages = self._draw_negatives(rows, own, step)
        number = np.arange(own.start, own.stop)
        drawn = [
            self._drawn("query", question_ids, query_languages, number),
            self._drawn("passage", passage_ids, passage_languages, number),
            self._drawn("negative", negative_ids, negative_languages, number[owner], _places(owner)),
        ]
        others = self._under_another_instruction(drawn[0], step)
        drawn += [] if others is None else [others]
        switched = self.augmentation.apply(drawn, step) if self.augmentation is not None else None
        queries, passages, negatives = (self._chunk(each.tokens) for each in drawn[:3])
        return PairBatch(
            step=step,
            micro=micro,
            rows=rows[own],
            queries=queries,
            passages=passages,
            question_ids=_long(self.question_texts.identity(question_ids)),
            passage_ids=_long(self.passage_texts.identity(passage_ids)),
            negatives=negatives if len(negative_ids) else None,
            negative_ids=_long(self.passage_texts.identity(negative_ids)),
            negative_languages=_long(negative_languages),
            negative_owner=_long(owner),
            languages=_long(rows[own, 1:]),
            datasets=_long(self.index.dataset[concepts]),
            query_versions=self._versions("query", self.questions, question_ids, rows, own, step),
            passage_versions=self._versions("passage", self.passages, passage_ids, rows, own, step),
            query_targets=self._targets("query", question_ids),
            passage_targets=self._targets("passage", passage_ids),
            other_instruction=None if others is None else self._texts_again(others, own.start),
            switched=switched,
        )

    def _drawn(
        self,
        kind: str,
        ids: NDArray[np.int32],
        languages: NDArray[np.int32],
        rows: NDArray[np.integer],
        places: NDArray[np.integer] | int = 0,
    ) -> Drawn:
        table = self.questions if kind == "query" else self.passages
        prompts = table.texts(table.prompt(ids)) if isinstance(table, InstructedTokens) else None
        return Drawn(kind, table.get(ids, languages), ids, languages, rows, places, prompts)

    def _under_another_instruction(self, queries: Drawn, step: int) -> Drawn | None:
        """Those of the queries that have an instruction, under another one."""
        table = self.questions
        if not self.other_instruction or not isinstance(table, InstructedTokens):
            return None
        other = table.other(queries.ids, step, queries.rows)
        held = other != NO_INSTRUCTION
        prompts, ids, languages = other[held], queries.ids[held], queries.languages[held]
        tokens = table.under(prompts, ids, languages)
        return Drawn("query", tokens, ids, languages, queries.rows[held], prompts=table.texts(prompts))

    def _texts_again(self, drawn: Drawn, start: int) -> TextVersions:
        return TextVersions(self._chunk(drawn.tokens), _long(drawn.rows - start), _long(drawn.languages))

    def _versions(
        self, side: str, table: TokenTable, ids: NDArray[np.int32], rows: NDArray[np.int32], own: slice, step: int
    ) -> TextVersions | None:
        """Own rows' texts, given by id, in a second language where they have one."""
        if side not in self.translations:
            return None
        languages = self.translations[side].plan(rows, step)[own]
        held = np.flatnonzero(languages != NONE)
        return TextVersions(self._chunk(table.get(ids[held], languages[held])), _long(held), _long(languages[held]))

    def _targets(self, side: str, ids: NDArray[np.int32]) -> TextTargets | None:
        if side not in self.targets:
            return None
        held, embeddings = self.targets[side].of(ids)
        return TextTargets(_long(held), torch.from_numpy(embeddings))

    def _chunk(self, tokens: list[NDArray[np.int32]]) -> TextChunks:
        return chunk(tokens, self.pad_id, self.overhead, self.most)

    def _draw_negatives(self, rows: NDArray[np.int32], own: slice, step: int) -> tuple[NDArray, NDArray, NDArray]:
        """For the process's rows: owner row, passage id and language of each explicit negative.

        A negative comes in the language of the row's passage; one that this language does not hold is not drawn.
        One draw serves the whole global batch, so what a row gets does not depend on how the batch is split.
        """
        nothing = np.empty(0, np.int32)
        if not self.negatives or self.index.negatives is None:
            return nothing, nothing, nothing
        draws = np.random.default_rng([self.seed, step]).random((len(rows), self.negatives))[own]
        owner, chosen, languages = [], [], []
        for row, (concept, _, language) in enumerate(rows[own]):
            known = self.index.negatives.of(concept)
            known = known[self._holds(int(language))[known]]
            picked = _pick(known, draws[row])
            owner.append(np.full(len(picked), row, np.int32))
            chosen.append(picked)
            languages.append(np.full(len(picked), language, np.int32))
        return np.concatenate(owner), np.concatenate(chosen), np.concatenate(languages)

    def _holds(self, language: int) -> NDArray[np.bool_]:
        if language not in self._held:
            self._held[language] = self.passage_texts.held(language)
        return self._held[language]


def _places(owner: NDArray[np.int32]) -> NDArray[np.int64]:
    """How many of the same owner come before each; owners ascend."""
    return np.arange(len(owner)) - np.searchsorted(owner, owner)


def _pick(known: NDArray[np.int32], draws: NDArray[np.float64]) -> NDArray[np.int32]:
    """Up to len(draws) distinct members, by a partial Fisher-Yates shuffle driven by the draws."""
    pool = np.array(known)
    taken = min(len(pool), len(draws))
    for i in range(taken):
        j = i + int(draws[i] * (len(pool) - i))
        pool[i], pool[j] = pool[j], pool[i]
    return pool[:taken]


def _long(values: NDArray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.int64))
