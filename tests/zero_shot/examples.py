"""Training data and benchmarks of given texts."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from src.data.pair_index import HardNegatives, PairIndex
from src.data.texts import ParallelTexts
from src.data.training_data import TrainingData
from src.evaluation.benchmark import Benchmark, Judgements, TextSet

ByLanguage = Mapping[str, Sequence[str]]


def training_data(
    folder: Path, questions: ByLanguage, passages: ByLanguage, held_out: int = 0, negatives: HardNegatives | None = None
) -> TrainingData:
    """Concept i has question i and passage i, except the last `held_out`, which are not trained on."""
    languages = tuple(questions)
    concepts = np.arange(len(questions[languages[0]]), dtype=np.int32)
    everywhere = np.full(len(concepts), (1 << len(languages)) - 1, np.uint16)
    index = PairIndex(
        languages, concepts, concepts, everywhere, everywhere, np.zeros(len(concepts), np.uint8), ("x",), negatives
    )
    trained = len(concepts) - held_out
    return TrainingData(
        name="planted",
        train=index.select(concepts[:trained]),
        validation=index.select(concepts[trained:]) if held_out else None,
        test=None,
        questions=ParallelTexts.write(folder / "questions", languages, questions),
        passages=ParallelTexts.write(folder / "passages", languages, passages),
        sources={},
        fingerprint="planted",
    )


def benchmark(queries: ByLanguage, relevant: ByLanguage, others: ByLanguage, name: str = "planted") -> Benchmark:
    """Each language's first query is answered by all its relevant passages."""
    languages = tuple(queries)
    candidates = {code: [*relevant[code], *others[code]] for code in languages}
    firsts = dict(zip(languages, np.cumsum([0, *(len(queries[code]) for code in languages)]), strict=False))
    starts = dict(zip(languages, np.cumsum([0, *(len(candidates[code]) for code in languages)]), strict=False))
    judged = [(firsts[code], starts[code] + place) for code in languages for place in range(len(relevant[code]))]
    query, candidate = np.array(judged, np.int32).T
    sets = [_texts(kind, texts, languages) for kind, texts in (("q", queries), ("p", candidates))]
    return Benchmark(
        name=name,
        languages=languages,
        queries=sets[0],
        candidates=sets[1],
        judgements=Judgements(query, candidate, np.ones(len(query), np.int16)),
        concept=np.arange(len(sets[0]), dtype=np.int32),
        metrics=("mAP",),
        headline="mAP",
        template="{text}",
    )


def _texts(kind: str, texts: ByLanguage, languages: Sequence[str]) -> TextSet:
    return TextSet(
        ids=[f"{code}_{kind}{place}" for code in languages for place in range(len(texts[code]))],
        texts=[text for code in languages for text in texts[code]],
        language=np.repeat(np.arange(len(languages), dtype=np.int16), [len(texts[code]) for code in languages]),
    )
