"""The embedded benchmark: questions that were held out, against the answers to all of them in all languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from src.data.cldr.parallel import parallel_facts
from src.data.cldr.templates import LANGUAGES
from src.errors import InputError
from src.evaluation.benchmark import Benchmark, Judgements, TextSet
from src.evaluation.measures import leading

Part = Literal["train", "validation", "test"]
METRICS = ("mAP", "mAP@20", "MRR", "nDCG@10", "R@1", "R@10")


def load(
    split: Part = "test", *, languages: Sequence[str] | None = None, metrics: Sequence[str] = METRICS
) -> Benchmark:
    """One part's questions; relevant is the asked fact's answer in every language, the first metric the headline.

    The pool holds the answers of all parts, so that the hard distractors are the same entity's other facts.
    """
    made = parallel_facts(languages, where="benchmark.languages")
    if split not in made.split._fields:
        raise InputError(f"unknown split {split!r}", where="benchmark.split", fix=f"one of {made.split._fields}")
    asked = getattr(made.split, split)
    every = np.arange(sum(map(len, made.split)), dtype=np.int32)
    return Benchmark(
        name=_name(split, made.languages),
        languages=made.languages,
        queries=_texts(asked, made.languages, made.questions.values()),
        candidates=_texts(every, made.languages, made.answers.values()),
        judgements=_judgements(asked, len(made.languages), len(every)),
        concept=np.tile(asked, len(made.languages)),
        metrics=tuple(metrics),
        headline=leading(metrics),
        template="{sentence}",
        sources=made.sources,
    )


def _name(split: Part, languages: tuple[str, ...]) -> str:
    """Another part, or a smaller pool, is another benchmark."""
    part = "" if split == "test" else f"_{split}"
    some = "" if set(languages) == set(LANGUAGES) else f"[{','.join(languages)}]"
    return f"cldr_facts{part}{some}"


def _texts(facts: NDArray[np.int32], languages: Sequence[str], texts: Iterable[Sequence[str]]) -> TextSet:
    """The facts' texts, language by language, with ids such as de_f0123."""
    return TextSet(
        ids=[f"{language}_f{fact:04d}" for language in languages for fact in facts],
        texts=[by_fact[fact] for by_fact in texts for fact in facts],
        language=np.repeat(np.arange(len(languages), dtype=np.int16), len(facts)),
    )


def _judgements(asked: NDArray[np.int32], languages: int, facts: int) -> Judgements:
    """Every query with its fact's answer in each language, which are `facts` apart among the candidates."""
    answers = asked[:, None] + facts * np.arange(languages, dtype=np.int32)
    candidate = np.tile(answers.ravel(), languages)
    query = np.repeat(np.arange(len(asked) * languages, dtype=np.int32), languages)
    return Judgements(query, candidate, np.ones(len(query), np.int16))
