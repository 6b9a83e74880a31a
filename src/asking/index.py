"""Embeddings of texts, kept for the next time, and the best of them for a question."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from src.asking.texts import UNKNOWN, Texts
from src.errors import InputError
from src.evaluation.benchmark import Benchmark, Judgements, TextSet
from src.evaluation.encoding import Encoding, embed_texts, encode_candidates
from src.retrieval.search import NONE, Search

if TYPE_CHECKING:
    from src.encoder.dual_encoder import DualEncoder

log = logging.getLogger(__name__)

BLOCK = 8192  # texts scored at once, in float64


class Answer(NamedTuple):
    """A text that was found."""

    rank: int  # from 1
    score: float
    number: int  # of the text


@dataclass(frozen=True, eq=False)
class Asked:
    """A question and what was found."""

    question: str
    language: str | None  # of the question, where it was given
    vector: NDArray[np.float32]  # [dimension]
    answers: list[Answer]


class Index:
    """Texts that questions are put to."""

    def __init__(self, encoder: DualEncoder, texts: Texts, search: Search, encoding: Encoding) -> None:
        """Embeds the texts, or finds them where `encoding` keeps them."""
        if encoder.debias is not None:
            _check_languages(texts.languages, encoder.debias.languages, "texts, language")
        search.check(encoder.dimension)
        self.encoder, self.texts, self.search, self.encoding = encoder, texts, search, encoding
        self.corpus = encode_candidates(encoder, _as_benchmark(texts), encoding)

    def check_question(self, language: str | None) -> None:
        """InputError where questions must come with a language, or in another; where no text is in it, that is said."""
        if self.encoder.debias is not None:
            _check_languages((language or UNKNOWN,), self.encoder.debias.languages, "query_language")
        elif language is not None and language not in self.texts.languages:
            held = ", ".join(self.texts.languages)
            log.warning("no text is in %s, so that it changes no answer and marks no language: %s", language, held)

    def ask(self, question: str, top: int, language: str | None = None) -> Asked:
        """The best `top` texts: score descending, then source descending."""
        if self.encoder.debias is not None:
            self.check_question(language)
        asked = embed_texts(self.encoder, [question], "query", self.encoding)
        if self.encoder.debias is not None and language is not None:
            asked = self.encoder.debias.remove(asked, np.zeros(1, np.int16), (language,))
        found = self.search.top(asked, self.corpus, self._sources, min(top, len(self.texts)))
        pairs = zip(found.score[0].tolist(), found.row[0].tolist(), strict=True)
        answers = [Answer(rank, score, row) for rank, (score, row) in enumerate(pairs, start=1) if row != NONE]
        return Asked(question, language, asked[0], answers)

    def scores(self, asked: Asked) -> NDArray[np.float32]:
        """The score of every text [texts], as an exact search gives it."""
        vector = asked.vector.astype(np.float64)
        blocks = [block.astype(np.float64) @ vector for _, block in self.corpus.blocks(BLOCK)]
        return np.concatenate([part.astype(np.float32) for part in blocks])

    def _sources(self, rows: NDArray[np.int64]) -> list[str]:
        return [self.texts[row].source for row in rows.tolist()]


def _check_languages(languages: tuple[str, ...], fitted: tuple[str, ...], where: str) -> None:
    if unknown := sorted(set(languages) - set(fitted)):
        what = f"the encoder's debiasing needs a language it was fitted for, not {', '.join(unknown)}"
        raise InputError(what, where=where, fix=f"one of {', '.join(fitted)}")


def _as_benchmark(texts: Texts) -> Benchmark:
    """The texts as what can be encoded; it has no question yet, and one judgement that nothing looks at."""
    first = np.zeros(1, np.int32)
    sources, content = ([getattr(text, column) for text in texts.rows] for column in ("source", "text"))
    return Benchmark(
        name="texts",
        languages=texts.languages,
        queries=TextSet(["none"], ["none"], np.zeros(1, np.int16)),
        candidates=TextSet(sources, content, texts.language, checked=True),
        judgements=Judgements(first, first, np.ones(1, np.int16)),
        concept=first,
        metrics=("R@1",),
        headline="R@1",
        template="{text}",
    )
