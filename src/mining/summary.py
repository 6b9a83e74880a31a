"""What a mining found, in figures and examples, for its record and its report."""

from __future__ import annotations

from typing import Any

import numpy as np

from src.mining.choose import Mined
from src.mining.judge import Sightings
from src.mining.mine import Sources, Tally
from src.mining.settings import Mining

QUANTILES = (0.05, 0.5, 0.95)
LISTED = 20  # examples in a record


def summarize(sources: Sources, mined: Mined, tally: Tally, mining: Mining) -> dict[str, Any]:
    """Counts of concepts and negatives, scores, both by language, and how far the negatives lie below the positives."""
    counts, found = mined.counts, mined.negatives
    languages = sources.data.train.languages
    return {
        "concepts": {
            "all": len(counts),
            "with_fewer_negatives": int((counts < mining.negatives).sum()),
            "with_none": int((counts == 0).sum()),
        },
        "passages": {"searched": len(sources.pool.passage), "texts": len(sources.pool.candidates)},
        "negatives": len(found),
        "scores": _scores(found),
        "below_positive": _quantiles(found.positive - found.score),
        "rank": _quantiles(found.rank),
        "by_query_language": {
            code: {
                "queries": int(tally.queries[number]),
                "candidates": int(tally.candidates[number]),
                "above_margin": int(tally.over[number]),
                **_scores(found.take(found.query_language == number)),
            }
            for number, code in enumerate(languages)
            if tally.queries[number]
        },
        "found_in": {
            code: int((sources.pool.candidates.language[found.row] == number).sum())
            for number, code in enumerate(languages)
        },
    }


def examples(sources: Sources, mined: Mined, number: int) -> list[dict[str, Any]]:
    """A question, its positive and one negative, of so many concepts spread over the data."""
    concepts = np.flatnonzero(mined.counts)
    spread = concepts[np.arange(min(number, len(concepts))) * len(concepts) // max(1, min(number, len(concepts)))]
    return [_example(sources, mined, int(concept)) for concept in spread.tolist()]


def _example(sources: Sources, mined: Mined, concept: int) -> dict[str, Any]:
    place, found, data = int(mined.offsets[concept]), mined.negatives, sources.data
    language, row = int(found.query_language[place]), int(found.row[place])
    code = int(sources.pool.candidates.language[row])
    passage = sources.concepts.passage[concept : concept + 1]
    held = [each for each in (code, *range(len(data.train.languages))) if data.passages.held(each)[passage[0]]]
    return {
        "question": data.questions.get(sources.concepts.question[concept : concept + 1], np.array([language]))[0],
        "language": data.train.languages[language],
        "positive": data.passages.get(passage, np.array(held[:1]))[0],
        "positive_score": float(found.positive[place]),
        "negative": sources.pool.candidates.texts[row],
        "negative_score": float(found.score[place]),
        "negative_language": data.train.languages[code],
        "rank": int(found.rank[place]),
    }


def _scores(found: Sightings) -> dict[str, Any]:
    """Mean scores of negatives and of the positives they stand beside."""
    if not len(found):
        return {"negatives": 0, "positive": None, "negative": None}
    return {
        "negatives": len(found),
        "positive": float(found.positive.mean(dtype=np.float64)),
        "negative": float(found.score.mean(dtype=np.float64)),
    }


def _quantiles(values: Any) -> dict[str, float]:
    return {f"{quantile:.0%}": float(np.quantile(values, quantile)) for quantile in QUANTILES}
