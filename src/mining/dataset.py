"""The mined data as JSON lines: what `dataset=jsonl` reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from src.data.texts import ParallelTexts
from src.mining.choose import Mined
from src.mining.mine import Sources


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
    for passage, language, text in _texts(sources.data.passages, used):
        yield {"passage_id": str(passage), "language": language, "passage": text}
    negatives = np.split(negative, mined.offsets[1:-1])
    names, seen = sources.concepts.names(), -1
    for place, language, text in _texts(sources.data.questions, sources.concepts.question, by_place=True):
        line: dict[str, Any] = {"id": names[place], "language": language, "question": text}
        line["passage_id"] = str(sources.concepts.passage[place])
        if place != seen:  # what holds for all languages stands on the concept's first line
            dataset = sources.concepts.datasets[sources.concepts.dataset[place]]
            line |= {"dataset": dataset, "negative_ids": [str(each) for each in negatives[place].tolist()]}
        seen = place
        yield line


def _texts(texts: ParallelTexts, ids: Any, *, by_place: bool = False) -> Iterator[tuple[int, str, str]]:
    """(id, or its place among the ids; language; text), all languages of an id together."""
    held = np.stack([texts.held(language)[ids] for language in range(len(texts.languages))], axis=1)
    for place, language in np.argwhere(held).tolist():
        (text,) = texts.get(ids[place : place + 1], np.array([language]))
        yield place if by_place else int(ids[place]), texts.languages[language], text
