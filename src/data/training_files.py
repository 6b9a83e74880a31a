"""Training data on disk: what a reader made once, reopened memory-mapped."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from src.data.cache import cached_folder
from src.data.fingerprint import digest, file_sha256
from src.data.pair_index import HardNegatives, PairIndex, mask_dtype
from src.data.texts import ParallelTexts
from src.data.training_data import TrainingData
from src.errors import InputError

logger = logging.getLogger(__name__)

ARRAYS = ("question", "passage", "question_languages", "passage_languages", "dataset")


def source_path(folder: str | Path | None, reader: str) -> Path:
    """The file or folder that the user has to name."""
    fix = f"add dataset.folder=PATH; conf/dataset/{reader}.yaml says what it must hold and where to get it"
    if folder is None:
        raise InputError(f"dataset={reader} needs a folder", where="dataset.folder", fix=fix)
    if not Path(folder).exists():
        raise InputError(f"no file or folder {str(folder)!r}", where="dataset.folder", fix=fix)
    return Path(folder)


def read_cached(
    cache_dir: Path,
    reader: str,
    name: str,
    settings: Mapping[str, Any],
    sources: Mapping[str, Path],
    build: Callable[[Path], object],
) -> TrainingData:
    """What `build` writes into a folder, reused while reader (with its version), settings and sources are the same."""
    hashes = {source: file_sha256(path, cache_dir) for source, path in sources.items()}
    fingerprint = digest(reader, name, settings, hashes)
    folder = cache_dir / "datasets" / f"{name}-{fingerprint[:16]}"
    if not folder.is_dir():
        logger.info("reading %s: %d %s", name, len(sources), "file" if len(sources) == 1 else "files")
    cached_folder(folder, build)
    held_out = folder / "validation"
    return TrainingData(
        name=name,
        train=open_index(folder / "train"),
        validation=open_index(held_out) if held_out.is_dir() else None,
        test=None,
        questions=ParallelTexts.open(folder / "questions"),
        passages=ParallelTexts.open(folder / "passages"),
        sources=hashes,
        fingerprint=fingerprint,
    )


def save_index(folder: Path, index: PairIndex) -> None:
    """Write an index as .npy files; an array that repeats one value (stride 0) is written as that value."""
    folder.mkdir(parents=True)
    constants = {}
    for name in ARRAYS:
        array = getattr(index, name)
        if len(array) and array.strides == (0,):
            constants[name] = {"value": int(array[0]), "dtype": array.dtype.name, "length": len(array)}
        else:
            np.save(folder / f"{name}.npy", array)
    if index.negatives is not None:
        np.save(folder / "negatives.npy", index.negatives.passages)
        np.save(folder / "negative_offsets.npy", index.negatives.offsets)
    about = {"languages": index.languages, "datasets": index.datasets, "constants": constants}
    (folder / "index.json").write_text(json.dumps(about))


def open_index(folder: Path) -> PairIndex:
    """The index that `save_index` wrote, memory-mapped."""
    about = json.loads((folder / "index.json").read_text())
    constants = {name: _constant(**constant) for name, constant in about["constants"].items()}
    mapped = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in ARRAYS if name not in constants}
    negatives = None
    if (folder / "negatives.npy").exists():
        offsets = np.load(folder / "negative_offsets.npy", mmap_mode="r")
        negatives = HardNegatives(offsets, np.load(folder / "negatives.npy", mmap_mode="r"))
    return PairIndex(
        languages=tuple(about["languages"]),
        datasets=tuple(about["datasets"]),
        negatives=negatives,
        **constants,
        **mapped,
    )


def held_masks(texts: ParallelTexts) -> NDArray[np.unsignedinteger]:
    """[ids] bit l set: languages[l] holds the id."""
    dtype = mask_dtype(len(texts.languages))
    masks = np.zeros(len(texts), dtype)
    for language in range(len(texts.languages)):
        masks |= texts.held(language).astype(dtype) << dtype.type(language)
    return masks


def _constant(value: int, dtype: str, length: int) -> NDArray:
    return np.broadcast_to(np.array(value, dtype), (length,))
