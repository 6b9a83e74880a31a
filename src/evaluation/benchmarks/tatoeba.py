"""Tatoeba: sentences and their English translations, found by nearest neighbour (XTREME, arXiv 2003.11080)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from src.data.fingerprint import file_sha256
from src.data.json_lines import text_lines
from src.errors import InputError
from src.evaluation.benchmark import Benchmark, Judgements, TextSet
from src.evaluation.measures import leading
from src.evaluation.suite import Suite

XTREME = (
    *("afr", "ara", "ben", "bul", "cmn", "deu", "ell", "est", "eus", "fin", "fra", "heb", "hin", "hun", "ind", "ita"),
    *("jav", "jpn", "kat", "kaz", "kor", "mal", "mar", "nld", "pes", "por", "rus", "spa", "swh", "tam", "tel", "tgl"),
    *("tha", "tur", "urd", "vie"),
)
PRESETS = {"xtreme": XTREME, "xtreme_r": (*XTREME, "aze", "lit", "pol", "ron", "ukr")}
ENGLISH = "eng"
DIRECTIONS = ("both", "to_english", "from_english")
METRICS = ("Success@1",)  # the nearest neighbour is the translation: accuracy


def load(
    folder: str | Path,
    *,
    languages: Sequence[str] | str = "xtreme",
    directions: str = "both",
    metrics: Sequence[str] = METRICS,
    cache_dir: str | Path,
) -> Suite:
    """A benchmark a language from `tatoeba.{language}-eng.{language}` and `.eng`, translations line by line.

    `languages`: "xtreme" (36), "xtreme_r" (41) or a list. Right is the line's own translation, as XTREME counts: an
    equal sentence in another line is wrong. The suite's average is a mean over languages.
    """
    chosen = _choose(languages)
    if directions not in DIRECTIONS:
        fix = f"one of {', '.join(DIRECTIONS)}"
        raise InputError(f"unknown directions {directions!r}", where="benchmark.directions", fix=fix)
    members = tuple(_pair(Path(folder), language, directions, metrics, Path(cache_dir)) for language in chosen)
    return Suite(_name(chosen, directions), members, "languages")


def _pair(folder: Path, language: str, directions: str, metrics: Sequence[str], cache_dir: Path) -> Benchmark:
    codes = (language, ENGLISH)
    paths = {code: folder / f"tatoeba.{language}-{ENGLISH}.{code}" for code in codes}
    lines = {code: _read(path) for code, path in paths.items()}
    count = len(lines[language])
    if len(lines[ENGLISH]) != count:
        fix = "line i of one file must translate line i of the other"
        what = f"{count} lines, but {len(lines[ENGLISH])} in {paths[ENGLISH].name}"
        raise InputError(what, where=str(paths[language]), fix=fix)
    asked = {"both": codes, "to_english": codes[:1], "from_english": codes[1:]}[directions]
    texts = {code: _texts([code], {code: lines[code]}, codes) for code in codes}
    candidates = _texts(codes, lines, codes)
    queries = texts[asked[0]] if len(asked) == 1 else candidates
    # Candidates are all lines of the language and then all of English: the translation is one such block away.
    answer = [row + (count if code == language else 0) for code in asked for row in range(count)]
    return Benchmark(
        name=f"tatoeba-{language}" + ("" if directions == "both" else f"_{directions}"),
        languages=codes,
        queries=queries,
        candidates=candidates,
        judgements=Judgements(
            np.arange(len(answer), dtype=np.int32), np.array(answer, np.int32), np.ones(len(answer), np.int16)
        ),
        concept=np.tile(np.arange(count, dtype=np.int32), len(asked)),
        metrics=tuple(metrics),
        headline=leading(metrics),
        template="{sentence}",
        sources={path.name: file_sha256(path, cache_dir) for path in paths.values()},
        settings=("crosslingual",),
    )


def _texts(chosen: Sequence[str], lines: dict[str, list[str]], codes: Sequence[str]) -> TextSet:
    ids = [f"{code}_{row}" for code in chosen for row in range(len(lines[code]))]
    language = np.repeat([codes.index(code) for code in chosen], [len(lines[code]) for code in chosen])
    return TextSet(ids, [line for code in chosen for line in lines[code]], language.astype(np.int16))


def _read(path: Path) -> list[str]:
    if not path.is_file():
        there = ", ".join(sorted({file.name.split(".")[-1] for file in path.parent.glob("tatoeba.*")} - {ENGLISH}))
        fix = f"set benchmark.folder, or benchmark.languages among what is there: {there or 'nothing'}"
        raise InputError(f"no file {path.name}", where=str(path.parent), fix=fix)
    lines = []
    for where, line in text_lines(path):
        if not line.strip():
            raise InputError("empty line", where=where, fix="leave it out of both files")
        lines.append(line.strip())
    if not lines:
        raise InputError("no sentence", where=str(path), fix="supply the file again")
    return lines


def _choose(languages: Sequence[str] | str) -> tuple[str, ...]:
    if isinstance(languages, str):
        if languages not in PRESETS:
            fix = f"one of {', '.join(PRESETS)}, or a list such as [deu,swh]"
            raise InputError(f"unknown languages {languages!r}", where="benchmark.languages", fix=fix)
        return PRESETS[languages]
    return tuple(languages)


def _name(chosen: tuple[str, ...], directions: str) -> str:
    some = next((f"[{name}]" for name, preset in PRESETS.items() if chosen == preset), f"[{','.join(chosen)}]")
    return "tatoeba" + ("" if chosen == XTREME else some) + ("" if directions == "both" else f"_{directions}")
