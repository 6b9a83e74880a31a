"""What approximate search finds of the exact best as a corpus grows: python -m benchmarks.recall.

No encoder was run over millions of passages here, so the vectors are of two kinds, and neither are an encoder's:
`sentences`: latent semantic analysis (tf-idf of character n-grams, truncated SVD) of NTREX-128's sentences, real texts
(36,000 in 18 languages here); where a corpus is larger than that, each further vector is a real one plus half the
difference of two others of its own neighbourhood, so that the cloud keeps its local shape; `random`: unit vectors of no
structure, the worst case of every index. Queries are real sentences that the corpus lacks (or drawn).
Indices are those of `search=faiss_ivf` and `search=faiss_hnsw`, through the project's own class; PQ96np is PQ96 without
an ordering of its codes that takes minutes to learn and that such a search does not use.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from benchmarks.small_bert import DATA
from benchmarks.timing import now, since, table
from src.retrieval.embeddings import Embeddings
from src.retrieval.faiss_search import FaissSearch, lists_for

Vectors = NDArray[np.float32]
PROBES, EF = (4, 16, 64, 256), (64, 256)
SEEDS_OF_GROWTH = 4096  # real rows whose neighbours say in which directions a corpus spreads
NEIGHBOURS = 32


def main() -> None:
    """Make the vectors, search them, print the table."""
    options = _options()
    faiss.omp_set_num_threads(options.threads)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for kind in options.kinds:
            corpus, queries = vectors(kind, max(options.sizes), options)
            print(f"{kind}: {describe(corpus)}", flush=True)
            for size in options.sizes:
                found = measure(corpus[:size], queries, Path(folder, f"{kind}{size}"), options)
                rows += [[kind, f"{size:,}", *row] for row in found]
                print(*rows[-len(found) :], sep="\n", flush=True)
    print(table(["vectors", "corpus", "index", "searched with", "share of lists", f"recall@{options.k}"], rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--kinds", nargs="+", default=["sentences", "random"], choices=["sentences", "random"])
    parser.add_argument("--dimension", type=int, default=384)
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--k", type=int, default=100)
    parser.add_argument("--train-rows", type=int, default=200_000, help="as search.train_rows")
    parser.add_argument("--product", default="PQ96np", help="codes of the compressed index")
    parser.add_argument("--graph-up-to", type=int, default=100_000, help="HNSW is slow to build: none on more")
    parser.add_argument("--fitted", type=int, default=40_000, help="sentences that the analysis is fitted to")
    parser.add_argument("--ntrex", type=Path, default=DATA.parent / "ntrex128", help="folder of its .txt files")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    return parser.parse_args()


def vectors(kind: str, size: int, options: argparse.Namespace) -> tuple[Vectors, Vectors]:
    """A corpus and queries of unit length."""
    rng = np.random.default_rng(0)
    if kind == "random":
        drawn = unit(rng.standard_normal((size + options.queries, options.dimension), dtype=np.float32))
        return drawn[options.queries :], drawn[: options.queries]
    found = np.unique(analysed(sentences(options.ntrex), options.dimension, options.fitted), axis=0)
    real = rng.permutation(found[np.linalg.norm(found, axis=1) > 0])  # equal ones would tie
    corpus, queries = real[options.queries :], real[: options.queries]
    return grown(corpus, size, rng), queries


def sentences(folder: Path) -> list[str]:
    """All of NTREX-128."""
    files = sorted(folder.glob("*.txt"))
    if not files:
        raise SystemExit(f"no .txt files in {folder}")
    return [line for file in files for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def analysed(texts: list[str], dimension: int, fitted: int) -> Vectors:
    """Texts as points of the space that a truncated SVD of their n-grams spans."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    count = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), max_features=100_000, sublinear_tf=True)
    sample = np.random.default_rng(1).choice(len(texts), min(fitted, len(texts)), replace=False)
    known = count.fit_transform([texts[row] for row in sample])
    svd = TruncatedSVD(min(dimension, known.shape[1] - 1), n_iter=2, random_state=0).fit(known)
    parts = [svd.transform(count.transform(texts[at : at + 20_000])) for at in range(0, len(texts), 20_000)]
    return unit(np.concatenate(parts).astype(np.float32))


def grown(real: Vectors, size: int, rng: np.random.Generator) -> Vectors:
    """As many vectors, the real ones first."""
    if size <= len(real):
        return real[:size]
    centres = rng.choice(len(real), min(SEEDS_OF_GROWTH, len(real)), replace=False)
    _, near = faiss.knn(real[centres], real, NEIGHBOURS, metric=faiss.METRIC_INNER_PRODUCT)
    whole = np.empty((size, real.shape[1]), np.float32)
    whole[: len(real)] = real
    for start in range(len(real), size, 50_000):
        stop = min(size, start + 50_000)
        base = rng.integers(0, len(centres), stop - start)  # the place and the directions are of one neighbourhood
        one, two, three = (near[base, rng.integers(0, NEIGHBOURS, stop - start)] for _ in range(3))
        whole[start:stop] = unit(real[one] + np.float32(0.5) * (real[two] - real[three]))
    return whole


def unit(rows: Vectors) -> Vectors:
    """Of length one; what was zero stays so."""
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-12))


def describe(corpus: Vectors) -> str:
    """How much structure there is: directions that the variance is spread over."""
    sample = corpus[np.random.default_rng(2).choice(len(corpus), min(20_000, len(corpus)), replace=False)]
    spectrum = np.linalg.eigvalsh(np.cov(sample.T))
    return f"{len(corpus):,} x {corpus.shape[1]}, participation ratio {spectrum.sum() ** 2 / (spectrum**2).sum():.0f}"


def measure(corpus: Vectors, queries: Vectors, folder: Path, options: argparse.Namespace) -> list[list[str]]:
    """A row for each index and way to search it."""
    folder.mkdir()
    _, exact = faiss.knn(queries, corpus, options.k, metric=faiss.METRIC_INNER_PRODUCT)
    kept = Embeddings([corpus], folder)  # an index is built once, and kept there
    return [
        [factory.replace("{nlist}", str(lists)), parameters, share, f"{recall(kept, queries, exact, search):.3f}"]
        for factory, parameters, lists, share, search in searches(len(corpus), options)
    ]


def searches(size: int, options: argparse.Namespace) -> Iterator[tuple[str, str, int, str, FaissSearch]]:
    """Every index with every setting of its search."""
    lists = lists_for(min(size, options.train_rows), size)
    for factory in ("IVF{nlist},Flat", f"IVF{{nlist}},{options.product}"):
        for probe in PROBES:
            search = FaissSearch(factory, f"nprobe={probe}", train_rows=options.train_rows, gpu=False)
            yield factory, f"nprobe={probe}", lists, f"{min(1, probe / lists):.1%}", search
    if size <= options.graph_up_to:
        for view in EF:
            yield "HNSW32", f"efSearch={view}", lists, "", FaissSearch("HNSW32", f"efSearch={view}", gpu=False)


def recall(corpus: Embeddings, queries: Vectors, exact: NDArray[np.int64], search: FaissSearch) -> float:
    """The share of the exact best that is found."""
    start = now()
    rows = search.top(queries, corpus, lambda rows: [f"{row:09d}" for row in rows], exact.shape[1]).row
    print(f"  {search.factory} {search.parameters}: {since(start).cpu:.0f} CPU s", flush=True)
    return float(np.mean([len(np.intersect1d(*pair)) / len(pair[0]) for pair in zip(exact, rows, strict=True)]))


if __name__ == "__main__":
    main()
