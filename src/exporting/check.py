"""An exported folder against the encoder that it was written from: both embed the same texts, and must agree."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from src.encoder.dual_encoder import DualEncoder
from src.encoder.encode import encode
from src.encoder.settings import Side
from src.errors import InputError
from src.exporting.samples import ODD, sample_texts

log = logging.getLogger(__name__)

TOLERANCE = 1e-6  # of a component, as a share of the embedding's length
SIDES: tuple[Side, ...] = ("query", "passage")


class CheckError(RuntimeError):
    """The exported folder does not give the encoder's embeddings."""


def check_installed() -> None:
    """InputError where sentence-transformers, which the check loads the folder with, is missing."""
    try:
        import sentence_transformers  # noqa: F401
    except ImportError as error:
        raise InputError(
            f"an export is loaded by sentence-transformers before it is believed, and that is missing ({error})",
            where="src.export",
            fix="pip install -e '.[export]'",
        ) from error


def check_folder(encoder: DualEncoder, folder: Path, languages: Sequence[str]) -> dict[str, Any]:
    """Load the folder, embed samples of all languages on both sides; CheckError where a figure is too large."""
    texts = sample_texts(languages)
    if unknown := [code for code, own in texts.items() if len(own) == len(ODD)]:
        log.warning("no texts in %s to compare embeddings on: CLDR does not know them", ", ".join(unknown))
    model = load_folder(folder)
    found: dict[str, float] = {}
    if encoder.debias is None and encoder.shared:  # first: the length is still the folder's own
        expected = {code: ours(encoder, code, own, "passage") for code, own in texts.items()}
        plainly = {code: model.encode(own, show_progress_bar=False) for code, own in texts.items()}
        found["encode"] = _largest(expected, plainly)
    found |= {side: _of_side(encoder, model, texts, side) for side in SIDES}
    for size in encoder.settings.matryoshka_dimensions:
        if size < encoder.dimension:
            found[f"{size} dimensions"] = max(_of_side(encoder, model, texts, side, size) for side in SIDES)
    return judged(found, sum(map(len, texts.values())), list(texts))


def judged(found: Mapping[Any, float], texts: int, languages: Sequence[str]) -> dict[str, Any]:
    """The check for the record; CheckError where it failed."""
    worst = max(found, key=lambda part: found[part])
    if not found[worst] <= TOLERANCE:  # nor NaN
        raise CheckError(f"the exported folder embeds otherwise: {worst} differ by {found[worst]:.1e} > {TOLERANCE:g}")
    return {"largest_difference": dict(found), "tolerance": TOLERANCE, "texts": texts, "languages": list(languages)}


def load_folder(folder: Path) -> Any:
    """The folder as sentence-transformers loads it: on the CPU, from its files alone, running no code of theirs."""
    from sentence_transformers import SentenceTransformer

    from src.encoder.backbone import quiet

    with quiet():
        return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def ours(encoder: DualEncoder, language: str, texts: Sequence[str], side: Side) -> NDArray[np.float32]:
    """The encoder's embeddings as an evaluation scores them."""
    embeddings = encode(encoder, texts, side)
    if encoder.debias is None:
        return embeddings
    return encoder.debias.remove(embeddings, np.zeros(len(texts), np.int64), [language])


def theirs(
    model: Any, encoder: DualEncoder, language: str, texts: Sequence[str], side: Side, **how: Any
) -> NDArray[np.float32]:
    """The exported model's embeddings, asked for as its card says."""
    how["show_progress_bar"] = False
    if encoder.shared:
        model.max_seq_length = encoder.settings.max_length(side)
    if encoder.debias is not None:
        name = "query" if side == "query" else "document"
        return model.encode(list(texts), prompt_name=name, task=language, **how)
    return (model.encode_query if side == "query" else model.encode_document)(list(texts), **how)


def _of_side(
    encoder: DualEncoder, model: Any, texts: Mapping[str, Sequence[str]], side: Side, size: int | None = None
) -> float:
    how = {} if size is None else {"truncate_dim": size, "normalize_embeddings": encoder.normalize}
    expected = {code: _cut(ours(encoder, code, own, side), size, encoder.normalize) for code, own in texts.items()}
    return _largest(expected, {code: theirs(model, encoder, code, own, side, **how) for code, own in texts.items()})


def _cut(embeddings: NDArray[np.float32], size: int | None, normalize: bool) -> NDArray[np.float32]:
    from src.retrieval.embeddings import Embeddings

    return embeddings if size is None else Embeddings([embeddings]).cut(size, normalize=normalize).matrix()


def _largest(expected: Mapping[str, NDArray[np.float32]], found: Mapping[str, NDArray[np.float32]]) -> float:
    return max(difference(expected[code], found[code]) for code in expected)


def difference(expected: NDArray[np.float32], found: NDArray[np.float32]) -> float:
    """The largest difference of a component, as a share of its embedding's length."""
    lengths = np.linalg.norm(expected, axis=1, keepdims=True)
    return float((np.abs(expected - found) / np.maximum(lengths, np.finfo(np.float32).tiny)).max())
