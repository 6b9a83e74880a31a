"""Mewsli-X: mentions in news of 11 languages, and the descriptions of entities in many (XTREME-R, arXiv 2104.07412)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from src.data.fingerprint import file_sha256
from src.data.json_lines import Object, read_objects
from src.errors import InputError
from src.evaluation.benchmark import Benchmark, Judgements, TextSet
from src.evaluation.benchmarks.choice import choose
from src.evaluation.measures import leading

LANGUAGES = ("ar", "de", "en", "es", "fa", "ja", "pl", "ro", "ta", "tr", "uk")  # of the mentions
ENTITIES, MENTIONS = "candidate_set_entities.jsonl", "wikinews_mentions-{split}.jsonl"
METRICS = ("mAP@20", "R@1", "R@20")
TEMPLATE = "{description} for {mention}: {sentence with { mention }}"


class _Mention(NamedTuple):
    id: str
    language: str
    text: str
    entity: str
    where: str


def load(
    folder: str | Path,
    *,
    split: str = "test",
    languages: Sequence[str] | None = None,
    metrics: Sequence[str] = METRICS,
    cache_dir: str | Path,
) -> Benchmark:
    """`candidate_set_entities.jsonl` and `wikinews_mentions-{split}.jsonl` (text restored) of a folder.

    A query is a mention, then its sentence with the mention between braces; a candidate is an entity's description,
    as XTREME-R's baseline writes both. All entities are one pool, whatever the language of their description; each
    mention has one, so mAP@20 is MRR@20. The figure is the mean over the languages of the mentions (`languages`).
    """
    paths = {name: _find(Path(folder), name) for name in (ENTITIES, MENTIONS.format(split=split))}
    chosen = choose(languages, LANGUAGES, "Mewsli-X")
    entities = list(_entities(paths[ENTITIES]))
    mentions = list(_mentions(paths[MENTIONS.format(split=split)], chosen))
    codes = (*chosen, *sorted({language for _, language, _ in entities} - set(chosen)))
    entities.sort(key=lambda entity: codes.index(entity[1]))
    mentions.sort(key=lambda mention: codes.index(mention.language))
    row = {ident: number for number, (ident, *_) in enumerate(entities)}
    return Benchmark(
        name=_name(split, chosen),
        languages=codes,
        queries=TextSet(
            [each.id for each in mentions],
            [each.text for each in mentions],
            np.array([codes.index(each.language) for each in mentions], np.int16),
        ),
        candidates=TextSet(
            [ident for ident, *_ in entities],
            [text for *_, text in entities],
            np.array([codes.index(language) for _, language, _ in entities], np.int16),
        ),
        judgements=_judge(mentions, row),
        concept=np.arange(len(mentions), dtype=np.int32),
        metrics=tuple(metrics),
        headline=leading(metrics),
        template=TEMPLATE,
        sources={name: file_sha256(path, Path(cache_dir)) for name, path in paths.items()},
        settings=("multilingual",),
    )


def mark(text: str, start: int, end: int) -> str:
    """A sentence's query: the mention first, so that no cut loses it, then the sentence with it between braces."""
    left, right = (re.sub(r"\{(.*?)\}", r"(\1)", part) for part in (text[:start], text[end:]))
    return _plain(f"{text[start:end]}: {left} {{ {text[start:end]} }} {right}")


def _judge(mentions: Sequence[_Mention], row: dict[str, int]) -> Judgements:
    for each in mentions:
        if each.entity not in row:
            fix = "supply the files of one and the same release"
            raise InputError(f"a mention of the unknown entity {each.entity!r}", where=each.where, fix=fix)
    right = np.array([row[each.entity] for each in mentions], np.int32)
    return Judgements(np.arange(len(mentions), dtype=np.int32), right, np.ones(len(mentions), np.int16))


def _entities(path: Path) -> Iterator[tuple[str, str, str]]:
    """Id, language and text of each."""
    for line in read_objects(path):
        description = line.text("description")
        sentences = [description[start:end] for start, end in _spans(line.value, line.where)]
        text = _plain(" ".join(sentences))
        if not text:
            raise InputError("an entity without description", where=line.where, fix="supply the file again")
        yield line.text("entity_id"), line.text("description_language"), text


def _mentions(path: Path, languages: Sequence[str]) -> Iterator[_Mention]:
    for line in read_objects(path):
        context = _object(line, "context")
        language, text = context.text("language"), context.text("text")
        if language not in languages:
            continue
        if not text.strip():
            fix = "restore the text of the articles with Mewsli-X's own restore_text tool"
            raise InputError("the article's text is not in the file", where=line.where, fix=fix)
        spans = _spans(context.value, line.where)
        for value in line.value.get("mentions") or [line.value.get("mention")]:
            mention = Object(line.where, value if isinstance(value, dict) else {})
            start, end = _span(mention.value.get("mention_span"), line.where)
            query = _query(text, spans, start, end, line.where)
            yield _Mention(mention.text("example_id"), language, query, mention.text("entity_id"), line.where)


def _query(text: str, spans: Sequence[tuple[int, int]], start: int, end: int, where: str) -> str:
    """The query of the mention text[start:end], in the first sentence that holds the whole of it."""
    for first, last in spans:
        if first <= start and end <= last:
            return mark(text[first:last], start - first, end - first)
    raise InputError(f"no sentence holds the mention from {start} to {end}", where=where, fix="mend sentence_spans")


def _object(line: Object, key: str) -> Object:
    value = line.value.get(key)
    if not isinstance(value, dict):
        raise InputError(f"missing object {key!r}", where=line.where)
    return Object(line.where, value)


def _spans(value: dict[str, Any], where: str) -> list[tuple[int, int]]:
    spans = value.get("sentence_spans")
    if not isinstance(spans, list):
        raise InputError("missing list 'sentence_spans'", where=where)
    return [_span(span, where) for span in spans]


def _span(value: Any, where: str) -> tuple[int, int]:
    start, end = (value.get(key) if isinstance(value, dict) else None for key in ("start", "end"))
    if type(start) is not int or type(end) is not int or not 0 <= start < end:
        raise InputError(f"{value!r} is no span of characters", where=where, fix='write {"start": 0, "end": 7}')
    return start, end


def _plain(text: str) -> str:
    """One line, as XTREME-R's baseline makes it."""
    return " ".join(text.splitlines()).replace("  ", " ").strip()


def _find(folder: Path, name: str) -> Path:
    if not (folder / name).is_file():
        there = ", ".join(sorted(path.name for path in folder.glob("*.jsonl"))) or "no .jsonl file"
        raise InputError(f"no file {name}", where=f"{folder}, which holds {there}", fix="set benchmark.folder")
    return folder / name


def _name(split: str, chosen: tuple[str, ...]) -> str:
    some = "" if set(chosen) == set(LANGUAGES) else f"[{','.join(chosen)}]"
    return "mewsli_x" + ("" if split == "test" else f"_{split}") + some
