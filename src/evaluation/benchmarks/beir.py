"""BEIR (arXiv 2104.08663), and any corpus, queries and judgements in its layout."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from src.data.corpus import Corpus, cached_corpus
from src.data.fingerprint import file_sha256
from src.data.json_lines import read_objects
from src.errors import InputError
from src.evaluation.benchmark import Benchmark, Missing, TextSet
from src.evaluation.benchmarks.choice import check_language
from src.evaluation.benchmarks.passages import (
    DOCUMENT,
    QUERY,
    Wording,
    document_wording,
    query_wording,
    read_passages,
    stated,
)
from src.evaluation.measures import leading
from src.evaluation.trec_files import Judged, Topic, as_judgements, check_topics, read_beir_qrels, rows_of

logger = logging.getLogger(__name__)

METRICS = ("nDCG@10", "R@100")
QUERIES_ARE_DOCUMENTS = ("arguana", "quora")  # a query is a document too, and no answer to itself
MISSING = {"arguana": 5}  # judged documents that the published corpus lacks


def load(
    folder: str | Path,
    cache_dir: str | Path,
    *,
    name: str | None = None,
    split: str = "test",
    language: str = "en",
    document_template: str = DOCUMENT,
    query_template: str = QUERY,
    ignore_identical_ids: bool | None = None,
    missing_documents: int | None = None,
    metrics: Sequence[str] = METRICS,
) -> Benchmark:
    """The benchmark in a folder of corpus.jsonl, queries.jsonl and qrels/{split}.tsv, each plain or with .gz added.

    Only queries with a judgement are asked, as BEIR does. `ignore_identical_ids` drops the document with a query's own
    id from its results; None: in ArguAna and Quora. The corpus may lack `missing_documents` judged documents, which
    are never found but count as relevant; None: as many as the published one lacks. `name` is the folder's by default.
    """
    folder, cache_dir = Path(folder), Path(cache_dir)
    name = name or folder.resolve().name
    check_language(language)
    document, query = document_wording(document_template), query_wording(query_template)
    paths = [_find(folder, part) for part in ("corpus.jsonl", "queries.jsonl", f"qrels/{split}.tsv")]
    lines = read_beir_qrels(paths[2])
    topics = _asked(paths[1], query, {line.query for line in lines})
    queries = {topic.id: row for row, topic in enumerate(topics)}
    rows_of(lines, "query", queries)  # an unknown query is told before the corpus is read
    corpus = _corpus(paths[0], cache_dir, document_template, document)
    documents = corpus.ids.rows({line.candidate for line in lines} | queries.keys())
    judged, lacking = _divide(
        lines, documents, MISSING.get(name, 0) if missing_documents is None else missing_documents
    )
    ignored = name in QUERIES_ARE_DOCUMENTS if ignore_identical_ids is None else ignore_identical_ids
    return Benchmark(
        name=name if split == "test" else f"{name}_{split}",
        languages=(language,),
        queries=TextSet([t.id for t in topics], [t.text for t in topics], np.zeros(len(topics), np.int16)),
        candidates=TextSet(corpus.ids, corpus.texts, np.zeros(len(corpus), np.int16), True, corpus.digest),
        judgements=as_judgements(judged, rows_of(judged, "query", queries), rows_of(judged, "candidate", documents)),
        concept=np.arange(len(topics), dtype=np.int32),
        metrics=tuple(metrics),
        headline=leading(metrics),
        template=stated(document_template, query_template),
        sources={str(path.relative_to(folder)): file_sha256(path, cache_dir) for path in paths},
        settings=("monolingual",),
        own=np.array([documents.get(topic.id, -1) for topic in topics], np.int32) if ignored else None,
        missing=_missing(lacking, queries),
    )


def _find(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    there = sorted(str(path.relative_to(folder)) for path in folder.glob("**/*") if path.is_file())
    shown = ", ".join(there[:20]) or "no file"
    fix = "set benchmark.folder, and benchmark.split to one of those that have judgements"
    raise InputError(f"no file {name} or {name}.gz", where=f"{folder}, which holds {shown}", fix=fix)


def _asked(path: Path, wording: Wording, judged: Collection[str]) -> list[Topic]:
    """The judged queries in the order of the file."""
    lines = ((line.text("_id"), line) for line in read_objects(path))
    return check_topics(Topic(ident, wording(line), line.where) for ident, line in lines if ident in judged)


def _corpus(path: Path, cache_dir: Path, template: str, document: Wording) -> Corpus:
    """The documents, those without any text as well, as BEIR ranks them too."""
    key = ("beir", template, file_sha256(path, cache_dir))
    corpus = cached_corpus(
        cache_dir, key, lambda: read_passages([path], "_id", document), where=str(path), allow_empty=True
    )
    if corpus.empty:
        logger.warning("%s has %d documents without any text; they stay in the pool", path, corpus.empty)
    return corpus


def _divide(lines: Sequence[Judged], documents: Mapping[str, int], allowed: int) -> tuple[list[Judged], list[Judged]]:
    """The judgements of documents that the corpus has, and of those that it may lack."""
    judged = [line for line in lines if line.candidate in documents]
    lacking = [line for line in lines if line.candidate not in documents]
    if len(lacking) > allowed:
        raise InputError(
            f"{len(lacking)} judgements are about documents that the corpus lacks, the first about "
            f"{lacking[0].candidate!r}; it may lack {allowed}",
            where=lacking[0].where,
            fix=f"supply the whole corpus, or accept that they are never found: "
            f"benchmark.missing_documents={len(lacking)}",
        )
    return judged, lacking


def _missing(lacking: Sequence[Judged], queries: Mapping[str, int]) -> Missing | None:
    relevant = [line for line in lacking if line.grade > 0]
    if not relevant:
        return None
    grade = np.array([line.grade for line in relevant], np.int16)
    ids = [line.candidate for line in relevant]
    return Missing(ids, rows_of(relevant, "query", queries), np.zeros(len(relevant), np.int16), grade)
