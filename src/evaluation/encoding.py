"""Embeddings of a benchmark's texts: in memory, or of large corpora in files that outlive a kill."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from src.errors import InputError
from src.evaluation.benchmark import Benchmark, TextSet
from src.evaluation.parallel import gather_strided, place, share_of, wait
from src.evaluation.progress import LoggedProgress
from src.retrieval.embeddings import Embeddings
from src.retrieval.store import Dtype, Manifest, Store

if TYPE_CHECKING:
    from src.encoder.dual_encoder import DualEncoder

logger = logging.getLogger(__name__)

Side = Literal["query", "passage"]
Report = Callable[[int], None] | None  # is told how many texts were just encoded


@dataclass(frozen=True)
class Encoding:
    """How texts are encoded, and from how many candidates on their embeddings are kept on disk."""

    tokens_per_batch: int = 1024  # padding too
    precision: str | None = None  # bf16 or fp16
    cache_dir: str | None = None  # has them in embeddings/, each corpus and encoder apart; None: in memory
    folder: str | None = None  # instead: here, by the benchmark's name, and an error if they are of another encoder
    on_disk_from: int | None = 100_000  # candidates; None: always in memory
    dtype: str = "float32"  # float16 on disk takes half the room
    shard: int = 50_000  # texts in a file, and sorted by length together

    def __post_init__(self) -> None:
        if self.dtype not in get_args(Dtype):
            raise InputError(
                f"cannot keep embeddings as {self.dtype!r}", where="encoding.dtype", fix="float32, float16"
            )
        if self.precision not in (None, "bf16", "fp16"):
            raise InputError(
                f"precision must be one of null, bf16, fp16, got {self.precision!r}", where="encoding.precision"
            )
        for key in ("tokens_per_batch", "shard", "on_disk_from"):
            value = getattr(self, key)
            if value is not None and value < 1:
                raise InputError(f"{key} must be a whole number from 1 on, got {value}", where=f"encoding.{key}")

    def is_for_disk(self, texts: TextSet) -> bool:
        """Whether so many texts' embeddings are kept in files."""
        room = self.folder is not None or self.cache_dir is not None
        return room and self.on_disk_from is not None and len(texts) >= self.on_disk_from


def encode_queries(
    encoder: DualEncoder, benchmark: Benchmark, encoding: Encoding, *, progress: bool = True
) -> NDArray[np.float32]:
    """Embeddings of the queries [queries, dimension]."""
    what = f"{benchmark.name} queries" if progress else None
    embeddings = embed_texts(encoder, benchmark.queries.texts, "query", encoding, what)
    return _debiased(encoder, embeddings, benchmark.queries.language, benchmark)


def encode_candidates(
    encoder: DualEncoder, benchmark: Benchmark, encoding: Encoding, *, progress: bool = True
) -> Embeddings:
    """Embeddings of the candidates; the processes of a distributed run share the work, and files if there are any."""
    what = f"{benchmark.name} candidates" if progress else None
    if encoding.is_for_disk(benchmark.candidates):
        return _on_disk(encoder, benchmark, encoding, what)
    if encoding.folder is not None or encoding.dtype != "float32":
        why = f"encoding.on_disk_from={encoding.on_disk_from}, and it has {len(benchmark.candidates):,} candidates"
        logger.info("embeddings of %s stay in memory, in float32: %s", benchmark.name, why)
    embeddings = embed_texts(encoder, benchmark.candidates.texts, "passage", encoding, what)
    return Embeddings.of(_debiased(encoder, embeddings, benchmark.candidates.language, benchmark))


def embed_texts(
    encoder: DualEncoder, texts: Sequence[str], side: Side, encoding: Encoding, what: str | None = None
) -> NDArray[np.float32]:
    """Embeddings as the encoder makes them: equal texts once, every `world`-th of them by each process.

    `what` names them in the log.
    """
    rank, world = place()
    numbers: dict[str, int] = {}
    number = [numbers.setdefault(text, len(numbers)) for text in texts]
    share = list(numbers)[rank::world]
    report = LoggedProgress(what, len(share)) if what and rank == 0 else None
    embeddings = gather_strided(encode_some(encoder, share, side, encoding, report), len(numbers))
    return embeddings if len(numbers) == len(texts) else embeddings[number]


def _on_disk(encoder: DualEncoder, benchmark: Benchmark, encoding: Encoding, what: str | None) -> Embeddings:
    store = _store(encoder, benchmark, encoding)

    def embed(start: int, stop: int, report: Report) -> NDArray[np.float32]:
        made = encode_some(encoder, benchmark.candidates.texts[start:stop], "passage", encoding, report)
        return _debiased(encoder, made, benchmark.candidates.language[start:stop], benchmark)

    embeddings = fill(store, embed, what)
    logger.info("embeddings of %s: %.1f GB, kept in %s", benchmark.name, embeddings.nbytes / 1e9, store.folder)
    return embeddings


def fill(store: Store, embed: Callable[[int, int, Report], NDArray[np.float32]], what: str | None) -> Embeddings:
    """All of a store's embeddings, each process making a share of the shards; all must see its folder.

    `embed` makes those of the rows from .. to before .., and tells its last argument how far it is.
    """
    share = share_of(store.manifest.shards)
    rows = sum(store.rows(number) for number in share)
    report = LoggedProgress(what, rows) if what and place()[0] == 0 else None
    store.fill(lambda start, stop: embed(start, stop, report), share, on_kept=report or (lambda rows: None))
    wait()
    return store.open()


def _store(encoder: DualEncoder, benchmark: Benchmark, encoding: Encoding) -> Store:
    from src.encoder.identity import encoder_identity

    manifest = Manifest(
        encoder=encoder_identity(encoder),
        texts=_digest_of(benchmark, by_language=encoder.debias is not None),
        side="passage",
        precision=encoding.precision,
        dtype="float16" if encoding.dtype == "float16" else "float32",
        dimension=encoder.dimension,
        rows=len(benchmark.candidates),
        shard=encoding.shard,
    )
    if encoding.folder is not None:
        return Store(Path(encoding.folder) / benchmark.name, manifest)
    return Store(Path(str(encoding.cache_dir)) / "embeddings" / manifest.identity[:16], manifest)


def encode_some(
    encoder: DualEncoder, texts: Sequence[str], side: Side, encoding: Encoding, report: Report
) -> NDArray[np.float32]:
    """Embeddings of texts by this process alone."""
    from src.encoder.encode import encode

    how: dict[str, Any] = {"tokens_per_batch": encoding.tokens_per_batch, "precision": encoding.precision}
    return encode(encoder, texts, side, on_progress=report, **how)


def _debiased(
    encoder: DualEncoder, embeddings: NDArray[np.float32], language: NDArray[np.int16], benchmark: Benchmark
) -> NDArray[np.float32]:
    if encoder.debias is None:
        return embeddings
    return encoder.debias.remove(embeddings, language, benchmark.languages)


def _digest_of(benchmark: Benchmark, *, by_language: bool) -> str:
    """Of the candidates' texts, and of their languages where those decide their embeddings too."""
    texts = benchmark.candidates
    digest = texts.digest or _digest(texts.texts)
    if not by_language:
        return digest
    found = hashlib.sha256(" ".join([digest, *benchmark.languages]).encode())
    found.update(np.asarray(texts.language, dtype="<i2").tobytes())
    return found.hexdigest()


def _digest(texts: Sequence[str]) -> str:
    found = hashlib.sha256()
    for text in texts:
        content = text.encode()
        found.update(len(content).to_bytes(8, "little") + content)
    return found.hexdigest()
