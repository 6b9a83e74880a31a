"""Data whose scores are planted: each query text is one axis, so that a passage's vector is its column of scores."""

import json
from pathlib import Path

import numpy as np
import pytest

from src.data.readers.jsonl import read
from src.data.training_data import TrainingData
from src.evaluation.encoding import Encoding
from src.mining.choose import Mined
from src.mining.mine import Sources, Tally, mine, sources_of
from src.mining.settings import Mining
from src.retrieval.embeddings import Embeddings
from src.retrieval.exact import ExactSearch

Scores = dict[tuple[str, str], float]  # (query text, passage text) -> score


def data_of(folder: Path, lines: list[dict], fraction: float = 0.0) -> TrainingData:
    """What the reader of JSON lines makes of them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "own.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return read(folder / "cache", name="own", folder=folder, validation_fraction=fraction)


def pair(ident: str, language: str, question: str, passage: str, **more) -> dict:
    return {"id": ident, "language": language, "question": question, "passage": passage, **more}


def mined(
    patch: pytest.MonkeyPatch, data: TrainingData, scores: Scores, mining: Mining, search=None
) -> tuple[Sources, Mined, Tally]:
    """Mine with an encoder whose scores are these, and 0 for any other pair of texts."""
    axes = {query: axis for axis, query in enumerate(sorted({query for query, _ in scores}))}
    vectors: dict[str, np.ndarray] = {}
    for (query, passage), score in scores.items():
        vectors.setdefault(passage, np.zeros(len(axes), np.float32))[axes[query]] = score

    def queries(encoder, benchmark, encoding, progress):
        return np.stack([np.eye(len(axes), dtype=np.float32)[axes[text]] for text in benchmark.queries.texts])

    def candidates(encoder, benchmark, encoding):
        nothing = np.zeros(len(axes), np.float32)
        return Embeddings.of(np.stack([vectors.get(text, nothing) for text in benchmark.candidates.texts]))

    patch.setattr("src.mining.mine.encode_queries", queries)
    patch.setattr("src.mining.mine.encode_candidates", candidates)
    sources = sources_of(data, mining)
    return sources, *mine(None, sources, mining, search or ExactSearch(device="cpu"), Encoding())


def negatives_of(sources: Sources, found: Mined) -> dict[tuple[int, int], list[int]]:
    """(question id, passage id) -> passage ids of its negatives."""
    ids = sources.pool.passage[sources.pool.number[found.negatives.row]].tolist()
    concepts = zip(sources.concepts.question.tolist(), sources.concepts.passage.tolist(), strict=True)
    return {
        concept: ids[start:stop]
        for concept, start, stop in zip(concepts, found.offsets[:-1].tolist(), found.offsets[1:].tolist(), strict=True)
    }
