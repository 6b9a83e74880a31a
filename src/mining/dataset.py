"""The mined data as JSON lines: what `dataset=jsonl` reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from src.data.texts import ParallelTexts
from src.mining.choose import Mined
from src.mining.mine import Sources

READ = 16_384  # ids whose texts are read at once


def write_lines(path: Path, sources: Sources, mined: Mined) -> str:
    """Write the lines; returns their sha256."""
    content = hashlib.sha256()
    with path.open("wb") as file:
        for line in lines(sources, mined):
            written = (json.dumps(line, ensure_ascii=False) + "\n").encode()
            content.update(written)
            file.write(written)
    return content.hexdigest()


def lines(sources: Sources, mined: Mined) -> Iterator[dict[str, Any]]:
    """Passages in every language, each once, and then the concepts, which name them."""
    negative = sources.pool.passage[sources.pool.number[mined.negatives.row]]
    used = np.unique(np.concatenate([sources.concepts.passage, negative]))
    for place, language, text in _texts(sources.data.passages, used):
        yield {"passage_id": str(used[place]), "language": language, "passage": text}
    negatives = np.split(negative, mined.offsets[1:-1])
    names, seen = sources.concepts.names(), -1
    for place, language, text in _texts(sources.data.questions, sources.concepts.question):
        line: dict[str, Any] = {"id": names[place], "language": language, "question": text}
        line["passage_id"] = str(sources.concepts.passage[place])
        if place != seen:  # what holds for all languages stands on the concept's first line
            dataset = sources.concepts.datasets[sources.concepts.dataset[place]]
            line |= {"dataset": dataset, "negative_ids": [str(each) for each in negatives[place].tolist()]}
        seen = place
        yield line


def _texts(texts: ParallelTexts, ids: NDArray[np.int32]) -> Iterator[tuple[int, str, str]]:
    """(place among the ids, language, text), all languages of an id together."""
    held = np.stack([texts.held(language)[ids] for language in range(len(texts.languages))], axis=1)
    for start in range(0, len(ids), READ):
        place, language = np.nonzero(held[start : start + READ])
        found = texts.get(ids[start + place], language)
        for where, code, text in zip((start + place).tolist(), language.tolist(), found, strict=True):
            yield where, texts.languages[code], text
