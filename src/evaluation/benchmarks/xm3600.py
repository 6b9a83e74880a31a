"""Crossmodal-3600: captions of the same image find each other, in 36 languages (Thapliyal et al., EMNLP 2022).

The captions were written independently of each other: those of one image are relevant to each other, not translations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from src.data.fingerprint import file_sha256
from src.data.json_lines import Object, read_objects
from src.errors import InputError
from src.evaluation.benchmark import Benchmark, Judgements, TextSet
from src.evaluation.benchmarks.choice import choose
from src.evaluation.measures import leading

LANGUAGES = (
    *("ar", "bn", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fil", "fr", "he", "hi", "hr", "hu", "id", "it"),
    *("ja", "ko", "mi", "nl", "no", "pl", "pt", "quz", "ro", "ru", "sv", "sw", "te", "th", "tr", "uk", "vi", "zh"),
)
METRICS = ("nDCG@10", "R@1", "R@10", "R@100")


def load(
    file: str | Path,
    *,
    languages: Sequence[str] | None = None,
    max_images: int | None = None,
    metrics: Sequence[str] = METRICS,
    cache_dir: str | Path,
) -> Benchmark:
    """Each image's first caption in each language asks for its other captions in `captions.jsonl` (or .gz).

    A query is a candidate too, and never its own result; where an image has a single caption in a language, it is not
    asked within that language. `max_images` keeps the first ones of the file. Languages and images left out make
    another benchmark, as its name says.
    """
    path, chosen = Path(file), choose(languages, LANGUAGES, "XM3600")
    if not path.is_file():
        fix = "set benchmark.file to captions.jsonl of captions.zip"
        raise InputError("no such file", where=str(path), fix=fix)
    captions = _read(path, chosen, max_images)
    image, language = captions.columns()
    asked = np.flatnonzero(captions.is_first())
    return Benchmark(
        name=_name(chosen, max_images),
        languages=chosen,
        queries=TextSet(_pick(captions.ids, asked), _pick(captions.texts, asked), language[asked]),
        candidates=TextSet(captions.ids, captions.texts, language),
        judgements=_same_image(image, asked),
        concept=image[asked],
        metrics=tuple(metrics),
        headline=leading(metrics),
        template="{caption}",
        sources={path.name: file_sha256(path, Path(cache_dir))},
        own=asked.astype(np.int32),
    )


@dataclass
class _Captions:
    """All captions, language by language, and in each by image."""

    ids: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    image: list[int] = field(default_factory=list)
    language: list[int] = field(default_factory=list)
    place: list[int] = field(default_factory=list)  # among the captions of one image and language

    def add(self, language: int, code: str, image: int, key: str, captions: Sequence[str]) -> None:
        """Append the captions of one image in one language."""
        for place, caption in enumerate(captions):
            self.ids.append(f"{code}_{key}_{place}")
            self.texts.append(caption)
            self.image.append(image)
            self.language.append(language)
            self.place.append(place)

    def columns(self) -> tuple[NDArray[np.int32], NDArray[np.int16]]:
        """Image and language of each caption."""
        return np.array(self.image, np.int32), np.array(self.language, np.int16)

    def is_first(self) -> NDArray[np.bool_]:
        """Whether a caption is its image's first in its language."""
        return np.array(self.place, np.int32) == 0


def _read(path: Path, languages: tuple[str, ...], max_images: int | None) -> _Captions:
    images: dict[str, list[list[str]]] = {}  # key -> captions by language
    for line in read_objects(path):
        if len(images) == max_images:
            break
        key = line.text("image/key")
        if key in images:
            raise InputError(f"the image {key!r} comes twice", where=line.where, fix="keep one of the lines")
        images[key] = [_captions(line, language) for language in languages]
    captions = _Captions()
    for code, language in enumerate(languages):
        for image, (key, held) in enumerate(images.items()):
            captions.add(code, language, image, key, held[code])
    return captions


def _captions(line: Object, language: str) -> list[str]:
    held = line.value.get(language)
    found = held.get("caption") if isinstance(held, dict) else None
    if not isinstance(found, list) or not all(isinstance(caption, str) and caption.strip() for caption in found):
        what = f"no list of captions in {language!r}"
        raise InputError(what, where=line.where, fix='each language is {"caption": ["...", "..."], ...}')
    return [caption.strip() for caption in found]


def _same_image(image: NDArray[np.int32], asked: NDArray[np.int64]) -> Judgements:
    """Every query with all other captions of its image."""
    order = np.argsort(image, kind="stable")
    first = np.searchsorted(image[order], image[asked], side="left")
    count = np.searchsorted(image[order], image[asked], side="right") - first
    query = np.repeat(np.arange(len(asked)), count)
    within = np.arange(len(query)) - np.repeat(np.cumsum(count) - count, count)
    candidate = order[first[query] + within]
    other = candidate != asked[query]
    return Judgements(
        query[other].astype(np.int32), candidate[other].astype(np.int32), np.ones(int(other.sum()), np.int16)
    )


def _pick(texts: Sequence[str], rows: NDArray[np.int64]) -> list[str]:
    return [texts[row] for row in rows.tolist()]


def _name(chosen: tuple[str, ...], max_images: int | None) -> str:
    some = "" if set(chosen) == set(LANGUAGES) else f"[{','.join(chosen)}]"
    return "xm3600" + some + ("" if max_images is None else f"[first {max_images}]".replace(" ", "-"))
