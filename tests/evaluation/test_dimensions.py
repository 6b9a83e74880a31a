"""Embeddings cut to several sizes."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from src.encoder.debias import Debias
from src.encoder.encode import encode
from src.errors import InputError
from src.evaluation.dimensions import averages_at_each_size, check_dimensions, sizes_of
from src.evaluation.encoding import Encoding
from src.evaluation.evaluate import evaluate, evaluate_all, evaluate_sizes, score
from src.evaluation.from_pairs import benchmark_from_pairs
from src.evaluation.suite import Suite
from src.retrieval.exact import ExactSearch
from src.retrieval.faiss_search import FaissSearch
from tests.toy import toy_data, toy_encoder

SHORT = ("mAP@20", "R@1")  # what a search that keeps the best few can measure


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    torch.set_num_threads(1)
    return toy_data(tmp_path_factory.mktemp("toy"), held_out=32)


@pytest.fixture
def encoder(data):
    return toy_encoder(data)


@pytest.fixture(scope="module")
def benchmark(data):
    return benchmark_from_pairs(data, "validation")


def by_hand(embeddings, size, *, normalize=True):
    cut = np.array(embeddings[:, :size])
    return cut / np.sqrt((cut.astype(np.float64) ** 2).sum(axis=1, keepdims=True)) if normalize else cut


def embedded(encoder, benchmark):
    return [
        encode(encoder, texts.texts, side, tokens_per_batch=1024)
        for texts, side in ((benchmark.queries, "query"), (benchmark.candidates, "passage"))
    ]


def figures(evaluation):
    return {key: evaluation.summary[key] for key in ("settings", "bias", "by_language", "pairs")}


def close(mine, other):
    """The same figures, but for what the last bit of a score does to a rank."""
    for setting in ("monolingual", "crosslingual", "multilingual"):
        assert mine["settings"][setting] == pytest.approx(other["settings"][setting], abs=1e-6)
    assert mine["bias"] == pytest.approx(other["bias"], abs=1e-6)


def test_the_whole_embedding_scores_as_it_does_alone(encoder, benchmark):
    whole, *cut = evaluate_sizes(encoder, benchmark, (8, 4))
    alone = evaluate(encoder, benchmark)
    assert whole.summary == alone.summary
    assert whole.per_query.equals(alone.per_query)
    assert [each.summary["name"] for each in cut] == [f"{benchmark.name}@8", f"{benchmark.name}@4"]
    assert [(each.summary["dimension"], each.summary["cut_from"]["dimension"]) for each in cut] == [(8, 16), (4, 16)]
    assert len({json.dumps(figures(each)) for each in (whole, *cut)}) == 3


@pytest.mark.parametrize("normalize", [True, False])
def test_a_size_scores_as_embeddings_cut_by_hand(encoder, benchmark, normalize):
    encoder.normalize = normalize
    _, cut = evaluate_sizes(encoder, benchmark, (5,))
    queries, candidates = (by_hand(each, 5, normalize=normalize) for each in embedded(encoder, benchmark))
    close(figures(cut), figures(score(benchmark, queries, candidates)))


def test_a_size_scores_as_an_encoder_so_long(encoder, benchmark, monkeypatch):
    _, cut = evaluate_sizes(encoder, benchmark, (8,))
    whole = type(encoder)._embed
    short = lambda *inputs: torch.nn.functional.normalize(whole(*inputs)[:, :8], dim=-1)  # noqa: E731
    monkeypatch.setattr(type(encoder), "_embed", short)
    encoder.dimension = 8
    close(figures(cut), figures(evaluate(encoder, benchmark)))


def test_texts_are_encoded_once(encoder, benchmark, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "src.encoder.encode.encode",
        lambda encoder, texts, side, **how: asked.extend(texts) or encode(encoder, texts, side),
    )
    evaluate_sizes(encoder, benchmark, (8, 4, 2))
    assert len(asked) == len(set(benchmark.queries.texts)) + len(set(benchmark.candidates.texts))


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize(
    "search", [None, ExactSearch(depth=20), FaissSearch("Flat", depth=20)], ids=["all", "exact", "faiss"]
)
def test_embeddings_on_disk_are_kept_whole_and_cut_as_they_are_read(encoder, benchmark, tmp_path, search, dtype):
    scored = replace(benchmark, metrics=SHORT, headline=SHORT[0]) if search else benchmark
    on_disk = Encoding(cache_dir=str(tmp_path), on_disk_from=1, shard=17, dtype=dtype)
    stored = evaluate_sizes(encoder, scored, (8, 4), search=search, encoding=on_disk)
    (folder,) = (tmp_path / "embeddings").iterdir()
    assert {np.load(file).shape[1] for file in folder.glob("*.npy")} == {16}
    in_memory = evaluate_sizes(encoder, scored, (8, 4), search=search)
    tolerance = 1e-6 if dtype == "float32" else 0.02
    for mine, other in zip(stored, in_memory, strict=True):
        for setting, values in mine.summary["settings"].items():
            assert values == pytest.approx(other.summary["settings"][setting], abs=tolerance)


def test_debiasing_comes_before_the_cut(encoder, benchmark):
    rng = np.random.default_rng(0)
    mean = rng.normal(0, 0.1, (3, 16)).astype(np.float32)
    basis = np.linalg.qr(rng.normal(size=(16, 3)))[0].T.reshape(3, 1, 16).astype(np.float32)
    encoder.debias = Debias(benchmark.languages, mean, basis, unit_length=True, weights="", about={})
    _, cut = evaluate_sizes(encoder, benchmark, (8,))
    texts = (benchmark.queries, benchmark.candidates)
    debiased = [
        encoder.debias.remove(each, side.language, benchmark.languages)
        for each, side in zip(embedded(encoder, benchmark), texts, strict=True)
    ]
    close(figures(cut), figures(score(benchmark, *(by_hand(each, 8) for each in debiased))))


def test_a_size_of_a_suite_has_its_own_average_and_run(encoder, benchmark, tmp_path):
    suite = Suite("both", (benchmark, replace(benchmark, name="again")), over="copies")
    evaluations = evaluate_all(encoder, suite, dimensions=[8], runs=tmp_path)
    names = [each.summary["name"] for each in evaluations]
    assert names == [benchmark.name, f"{benchmark.name}@8", "again", "again@8"]
    found = averages_at_each_size(suite, [each.summary for each in evaluations])
    assert list(found) == ["both", "both@8"]
    assert found["both@8"]["members"].keys() == {f"{benchmark.name}@8", "again@8"}
    assert found["both@8"]["settings"]["monolingual"]["mAP"] == evaluations[1].summary["settings"]["monolingual"]["mAP"]
    assert "dimension" not in found["both"]
    runs = [tmp_path / "runs" / "again" / name for name in ("run.trec", "run@8.trec")]
    assert runs[0].read_text() != runs[1].read_text()


def test_sizes_are_those_asked_for_or_those_trained_for(encoder):
    assert sizes_of(encoder, None) == ()
    assert sizes_of(encoder, [2, 16, 8]) == (8, 2)
    encoder.settings = replace(encoder.settings, matryoshka_dimensions=(16, 8))
    assert sizes_of(encoder, None) == (8,)
    assert sizes_of(encoder, [4]) == (4,)
    assert sizes_of(encoder, []) == ()


@pytest.mark.parametrize("wrong", [[0], [-1], [8, 8], [True], [8.0], ["8"], 8, "8", {8: 8}])
def test_what_is_no_list_of_sizes_is_refused(wrong):
    with pytest.raises(InputError, match="different whole numbers from 1 on") as error:
        check_dimensions(wrong)
    assert error.value.where == "dimensions"


def test_a_size_above_the_encoders_is_refused_before_anything_is_encoded(encoder, benchmark, monkeypatch):
    monkeypatch.setattr("src.encoder.encode.encode", lambda *_, **__: pytest.fail("encoded"))
    with pytest.raises(InputError, match="16 dimensions, 17 are asked for") as error:
        evaluate_all(encoder, benchmark, dimensions=[17])
    assert error.value.where == "dimensions"
    with pytest.raises(InputError, match="for 6 dimensions"):
        evaluate_all(encoder, benchmark, dimensions=[6], search=FaissSearch("PQ4x4", depth=20))
