"""Two real processes score a benchmark as one does."""

import contextlib
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp

from src.evaluation import encoding as encoding_module
from src.evaluation import evaluate as module
from src.evaluation.collector import RetrievalMetric
from src.evaluation.encoding import Encoding
from src.evaluation.evaluate import Evaluation, evaluate, evaluate_sizes, score
from src.evaluation.from_pairs import benchmark_from_pairs
from src.retrieval.exact import ExactSearch
from src.retrieval.ranks import Ranks
from tests.toy import toy_data, toy_encoder

WORLD = 2
CUT = ("nDCG@10", "R@5")
DEEP = ExactSearch(depth=10, device="cpu")


def toy(folder: Path):
    """A benchmark of 21 queries, an odd number, and an encoder."""
    data = toy_data(folder, held_out=7)
    return benchmark_from_pairs(data, "validation"), toy_encoder(data)


def random_embeddings(benchmark):
    """Coarse, so that many scores are tied."""
    rng = np.random.default_rng(0)
    return [
        rng.integers(-1, 2, (len(texts), 8)).astype(np.float32) for texts in (benchmark.queries, benchmark.candidates)
    ]


def small_blocks(queries: int, candidates: int) -> list[slice]:
    return [slice(start, min(start + 4, queries)) for start in range(0, queries, 4)]


def on_disk(folder: Path) -> Encoding:
    return Encoding(cache_dir=str(folder / "cache"), on_disk_from=1, shard=20)


def save(evaluation: Evaluation, path: Path) -> None:
    path.with_suffix(".json").write_text(json.dumps(evaluation.summary))
    pq.write_table(evaluation.per_query, path.with_suffix(".parquet"))
    np.savez(path.with_suffix(".npz"), **evaluation.matrices)


@contextlib.contextmanager
def noting(path: Path):
    """Writes down the texts that are encoded meanwhile."""
    texts, encode_some = [], encoding_module.encode_some

    def noted(encoder, some, side, *rest):
        texts.extend((side, text) for text in some)
        return encode_some(encoder, some, side, *rest)

    encoding_module.encode_some = noted
    try:
        yield
    finally:
        encoding_module.encode_some = encode_some
        path.write_text(json.dumps(texts))


def on_rank(rank: int, folder: Path) -> None:
    torch.set_num_threads(1)
    os.environ |= {"MASTER_ADDR": "127.0.0.1"}
    dist.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=WORLD)
    module.query_blocks = small_blocks  # several blocks for each process, an odd number of them
    benchmark, encoder = toy(folder / f"data{rank}")
    save(score(benchmark, *random_embeddings(benchmark), run_file=folder / f"{rank}.trec"), folder / f"scored{rank}")
    with noting(folder / f"memory{rank}.texts"):
        save(evaluate(encoder, benchmark, progress=False), folder / f"encoded{rank}")
    searched = replace(benchmark, metrics=CUT, headline=CUT[0])
    save(
        score(searched, *random_embeddings(benchmark), search=DEEP, run_file=folder / f"s{rank}.trec"),
        folder / f"s{rank}",
    )
    with noting(folder / f"disk{rank}.texts"):
        sizes = evaluate_sizes(encoder, searched, (8,), search=DEEP, encoding=on_disk(folder), progress=False)
    for name, evaluation in zip(("disk", "cut"), sizes, strict=True):
        save(evaluation, folder / f"{name}{rank}")
    metric = RetrievalMetric()
    metric.update(ranks_of_queries([4, 0] if rank else []))  # one process has none
    np.savez(folder / f"metric{rank}.npz", **metric.compute())
    dist.destroy_process_group()


def ranks_of_queries(queries: list[int]) -> Ranks:
    """Two judged pairs a query."""
    query = np.array(queries, dtype=np.int64)
    pair = (query[:, None] * 2 + [0, 1]).ravel()
    return Ranks(
        pair, (pair + 1).astype(np.int32), (pair * 10).astype(np.int32), query, query[:, None].astype(np.int32)
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("distributed")
    mp.spawn(on_rank, (folder,), nprocs=WORLD)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("rank", range(WORLD))
def test_scores_are_exactly_those_of_one_process(folder, tmp_path, rank):
    benchmark, _ = toy(tmp_path / "data")
    assert len(benchmark.queries) == 21
    expected = score(benchmark, *random_embeddings(benchmark))
    assert json.loads((folder / f"scored{rank}.json").read_text()) == expected.summary
    assert pq.read_table(folder / f"scored{rank}.parquet").to_pylist() == expected.per_query.to_pylist()
    with np.load(folder / f"scored{rank}.npz") as matrices:
        for name, matrix in expected.matrices.items():
            np.testing.assert_array_equal(matrices[name], matrix)


@pytest.mark.slow
@pytest.mark.parametrize("rank", range(WORLD))
def test_encoding_in_shares_changes_nothing(folder, tmp_path, rank):
    benchmark, encoder = toy(tmp_path / "data")
    expected = evaluate(encoder, benchmark, progress=False).summary
    found = json.loads((folder / f"encoded{rank}.json").read_text())
    for setting, values in expected["settings"].items():
        assert found["settings"][setting] == pytest.approx(values, abs=1e-6)
    assert found["bias"] == pytest.approx(expected["bias"], abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("rank", range(WORLD))
def test_shares_of_a_corpus_are_searched_and_merged_exactly(folder, tmp_path, rank):
    benchmark, _ = toy(tmp_path / "data")
    searched = replace(benchmark, metrics=CUT, headline=CUT[0])
    expected = score(searched, *random_embeddings(benchmark), search=DEEP, run_file=tmp_path / "s.trec")
    assert json.loads((folder / f"s{rank}.json").read_text()) == expected.summary
    assert pq.read_table(folder / f"s{rank}.parquet").to_pylist() == expected.per_query.to_pylist()
    assert (folder / "s0.trec").read_text() == (tmp_path / "s.trec").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("rank", range(WORLD))
def test_shards_are_encoded_once_each(folder, tmp_path, rank):
    benchmark, encoder = toy(tmp_path / "data")
    expected = evaluate_sizes(encoder, replace(benchmark, metrics=CUT, headline=CUT[0]), (8,), search=DEEP)
    for name, evaluation in zip(("disk", "cut"), expected, strict=True):
        found = json.loads((folder / f"{name}{rank}.json").read_text())
        for setting, values in evaluation.summary["settings"].items():
            assert found["settings"][setting] == pytest.approx(values, abs=1e-6)
    shards = list((folder / "cache").rglob("*.npy"))
    assert len(shards) == -(-len(benchmark.candidates) // 20) > WORLD


@pytest.mark.slow
@pytest.mark.parametrize("where", ["memory", "disk"])
def test_each_text_is_encoded_by_one_process_and_once(folder, tmp_path, where):
    benchmark, _ = toy(tmp_path / "data")
    shares = [json.loads((folder / f"{where}{rank}.texts").read_text()) for rank in range(WORLD)]
    encoded = sorted((side, text) for share in shares for side, text in share)
    texts = {"query": benchmark.queries.texts, "passage": benchmark.candidates.texts}
    assert encoded == sorted({(side, text) for side, some in texts.items() for text in some})  # and no padding
    for side, some in texts.items():
        sizes = [sum(mine == side for mine, _ in share) for share in shares]
        assert max(sizes) - min(sizes) <= (20 if where == "disk" and side == "passage" else 1), (side, len(some))


@pytest.mark.slow
def test_the_first_process_alone_writes_the_run(folder):
    assert (folder / "0.trec").exists()
    assert not (folder / "1.trec").exists()


@pytest.mark.slow
@pytest.mark.parametrize("rank", range(WORLD))
def test_the_metric_sorts_what_it_gathers(folder, rank):
    with np.load(folder / f"metric{rank}.npz") as found:
        assert found["query"].tolist() == [0, 4]
        assert found["top"].tolist() == [[0], [4]]
        assert found["pair"].tolist() == [0, 1, 8, 9]
        assert found["pooled"].tolist() == [0, 10, 80, 90]
        assert (found["own"].dtype, found["own"].tolist()) == (np.int32, [1, 2, 9, 10])
