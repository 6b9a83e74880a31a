"""MIRACL: monolingual retrieval of Wikipedia passages in 18 languages (arXiv 2210.09984)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from src.data.corpus import Corpus, cached_corpus, join_corpora
from src.data.fingerprint import file_sha256
from src.errors import InputError
from src.evaluation.benchmark import Benchmark, Judgements, TextSet
from src.evaluation.benchmarks.choice import choose
from src.evaluation.benchmarks.passages import DOCUMENT, Wording, document_wording, read_passages
from src.evaluation.measures import leading
from src.evaluation.trec_files import Judged, Topic, as_judgements, read_qrels, read_topics, rows_of

logger = logging.getLogger(__name__)

PUBLISHED = {  # language -> passages
    "ar": 2_061_414,
    "bn": 297_265,
    "de": 15_866_222,
    "en": 32_893_221,
    "es": 10_373_953,
    "fa": 2_207_172,
    "fi": 1_883_509,
    "fr": 14_636_953,
    "hi": 506_264,
    "id": 1_446_315,
    "ja": 6_953_614,
    "ko": 1_486_752,
    "ru": 9_543_918,
    "sw": 131_924,
    "te": 518_079,
    "th": 542_166,
    "yo": 49_043,
    "zh": 4_934_368,
}
PAPER = ("ar", "bn", "es", "fa", "fi", "fr", "hi", "id", "ja", "ko", "ru", "sw", "te", "th", "zh")
METRICS = ("nDCG@10", "R@100")


def load(
    folder: str | Path,
    cache_dir: str | Path,
    *,
    languages: Sequence[str] | str | None = None,
    split: str = "dev",
    document_template: str = DOCUMENT,
    metrics: Sequence[str] = METRICS,
) -> Benchmark:
    """The benchmark in a folder of miracl-v1.0-{language}/ and miracl-corpus-v1.0-{language}/.

    Each language's judged topics are searched in its own passages. Ids are unique in a language only, so they get it in
    front: ar_29, ar_233622#0. `languages`: None for all 18, "paper" for PAPER, or a list. A pool of fewer passages than
    published is another benchmark, miracl[reduced].
    """
    folder, cache_dir = Path(folder), Path(cache_dir)
    chosen = choose(PAPER if languages == "paper" else languages, PUBLISHED, "MIRACL")
    files = {language: _find(folder, language, split) for language in chosen}
    wording = document_wording(document_template)
    asked = {language: _asked(files[language]) for language in chosen}
    corpora = {
        language: _corpus(language, files[language], document_template, wording, cache_dir) for language in chosen
    }
    corpus = join_corpora(list(corpora.values()))
    topics = [topic for each in asked.values() for topic in each.topics]
    return Benchmark(
        name=_name(chosen, split, {language: len(corpora[language]) for language in chosen}),
        languages=chosen,
        queries=TextSet(
            [f"{language}_{topic.id}" for language, each in asked.items() for topic in each.topics],
            [topic.text for topic in topics],
            _numbers(len(each.topics) for each in asked.values()),
        ),
        candidates=TextSet(corpus.ids, corpus.texts, _numbers(map(len, corpora.values())), True, corpus.digest),
        judgements=_judgements(asked, corpora),
        concept=np.arange(len(topics), dtype=np.int32),
        metrics=tuple(metrics),
        headline=leading(metrics),
        template=document_template,
        sources={
            str(path.relative_to(folder)): file_sha256(path, cache_dir)
            for language in chosen
            for path in (files[language].topics, files[language].qrels, *files[language].passages)
        },
        settings=("monolingual",),
    )


class _Files(NamedTuple):
    """One language's files."""

    topics: Path
    qrels: Path
    passages: list[Path]


class _Asked(NamedTuple):
    """One language's judged topics and their judgements."""

    topics: list[Topic]
    lines: list[Judged]


def _find(folder: Path, language: str, split: str) -> _Files:
    own, corpus = folder / f"miracl-v1.0-{language}", folder / f"miracl-corpus-v1.0-{language}"
    topics, qrels = (own / kind / f"{kind}.{own.name}-{split}.tsv" for kind in ("topics", "qrels"))
    passages = sorted(corpus.glob("docs-*.jsonl.gz"), key=_shard)
    wanted = passages[:1] or [corpus / "docs-0.jsonl.gz"]
    if absent := [path for path in (topics, qrels, *wanted) if not path.is_file()]:
        there = sorted(path.name.removeprefix("miracl-v1.0-") for path in folder.glob("miracl-v1.0-*"))
        fix = f"set benchmark.folder, split (train, dev) or languages (there are {', '.join(there) or 'none'})"
        raise InputError(f"no file {absent[0].relative_to(folder)}", where=str(folder), fix=fix)
    numbers = [_shard(path) for path in passages]
    if numbers != list(range(len(numbers))):
        what = f"the files docs-*.jsonl.gz are not numbered 0, 1, ... without a gap but {numbers}"
        raise InputError(what, where=str(corpus), fix="supply all of them")
    return _Files(topics, qrels, passages)


def _shard(path: Path) -> int:
    number = path.name.removeprefix("docs-").removesuffix(".jsonl.gz")
    return int(number) if number.isdecimal() else -1


def _asked(files: _Files) -> _Asked:
    lines = read_qrels(files.qrels)
    judged = {line.query for line in lines}
    topics = [topic for topic in read_topics(files.topics) if topic.id in judged]
    rows_of(lines, "query", {topic.id: row for row, topic in enumerate(topics)})  # told before the corpus is read
    return _Asked(topics, lines)


def _corpus(language: str, files: _Files, template: str, wording: Wording, cache_dir: Path) -> Corpus:
    key = ("miracl", language, template, *(file_sha256(path, cache_dir) for path in files.passages))
    where = str(files.passages[0].parent)
    return cached_corpus(
        cache_dir, key, lambda: read_passages(files.passages, "docid", wording, f"{language}_"), where=where
    )


def _judgements(asked: Mapping[str, _Asked], corpora: Mapping[str, Corpus]) -> Judgements:
    """All languages' judgements, explicit zeros as well, by their rows among all queries and all passages."""
    first_query = first_candidate = 0
    query, candidate = [], []
    for language, (topics, lines) in asked.items():
        found = corpora[language].ids.rows({f"{language}_{line.candidate}" for line in lines})
        documents = {ident.removeprefix(f"{language}_"): first_candidate + row for ident, row in found.items()}
        queries = {topic.id: first_query + row for row, topic in enumerate(topics)}
        query.append(rows_of(lines, "query", queries))
        candidate.append(rows_of(lines, "candidate", documents))
        first_query += len(topics)
        first_candidate += len(corpora[language])
    lines = [line for each in asked.values() for line in each.lines]
    return as_judgements(lines, np.concatenate(query), np.concatenate(candidate))


def _numbers(counts: Iterable[int]) -> NDArray[np.int16]:
    """The number of the language that each of so many texts a language is in."""
    each = list(counts)
    return np.repeat(np.arange(len(each), dtype=np.int16), each)


def _name(chosen: tuple[str, ...], split: str, passages: Mapping[str, int]) -> str:
    """Other queries, other languages or another pool are another benchmark."""
    part = "" if split == "dev" else f"_{split}"
    some = "" if set(chosen) == set(PUBLISHED) else "[paper]" if set(chosen) == set(PAPER) else f"[{','.join(chosen)}]"
    other = {language: count for language, count in passages.items() if count != PUBLISHED[language]}
    if not other:
        return f"miracl{part}{some}"
    counts = ", ".join(f"{language} {count:,} of {PUBLISHED[language]:,}" for language, count in other.items())
    logger.warning("passages here of those published: %s; scores are not those of MIRACL", counts)
    smaller = any(count < PUBLISHED[language] for language, count in other.items())
    return f"miracl{part}[{'reduced' if smaller else 'enlarged'}]{some}"
