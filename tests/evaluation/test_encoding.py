from dataclasses import replace

import numpy as np
import pytest
import torch

from src.encoder.identity import encoder_identity
from src.errors import InputError
from src.evaluation.encoding import Encoding, encode_candidates, encode_queries
from src.evaluation.evaluate import evaluate
from src.evaluation.from_pairs import benchmark_from_pairs
from tests.toy import toy_data, toy_encoder


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    torch.set_num_threads(1)
    data = toy_data(tmp_path_factory.mktemp("toy"))
    return benchmark_from_pairs(data, "validation"), data


def on_disk(folder, **more) -> Encoding:
    return Encoding(cache_dir=str(folder), on_disk_from=1, shard=7, **more)


@pytest.mark.parametrize(("dtype", "close"), [("float32", 1e-6), ("float16", 1e-3)])
def test_on_disk_they_are_what_they_are_in_memory(toy, tmp_path, dtype, close):
    benchmark, encoder = toy[0], toy_encoder(toy[1])
    kept = encode_candidates(encoder, benchmark, on_disk(tmp_path, dtype=dtype))
    in_memory = encode_candidates(encoder, benchmark, Encoding())
    assert kept.folder is not None
    assert in_memory.folder is None
    assert len(kept.parts) == -(-len(benchmark.candidates) // 7)
    np.testing.assert_allclose(kept.matrix(), in_memory.matrix(), atol=close)


@pytest.mark.parametrize("encoding", [Encoding(on_disk_from=1), Encoding(cache_dir="x", on_disk_from=None)])
def test_nothing_is_written_where_nothing_is_asked_for(toy, encoding):
    assert encode_candidates(toy_encoder(toy[1]), toy[0], encoding).folder is None


@pytest.mark.parametrize("asked", [{}, {"folder": "there"}, {"dtype": "float16"}])
def test_few_candidates_stay_in_memory_and_who_asked_for_files_is_told(toy, tmp_path, caplog, asked):
    few = Encoding(cache_dir=str(tmp_path), on_disk_from=len(toy[0].candidates) + 1, **asked)
    with caplog.at_level("INFO", "src.evaluation.encoding"):
        assert encode_candidates(toy_encoder(toy[1]), toy[0], few).folder is None
    assert ("stay in memory" in caplog.text) == bool(asked)


def test_scores_do_not_depend_on_where_embeddings_are(toy, tmp_path):
    benchmark, encoder = toy[0], toy_encoder(toy[1])
    found = evaluate(encoder, benchmark, encoding=on_disk(tmp_path)).summary
    expected = evaluate(encoder, benchmark).summary
    for setting, values in expected["settings"].items():
        assert found["settings"][setting] == pytest.approx(values, abs=1e-9)


def test_a_second_evaluation_finds_the_embeddings_there(toy, tmp_path, monkeypatch):
    benchmark, encoder = toy[0], toy_encoder(toy[1])
    first = encode_candidates(encoder, benchmark, on_disk(tmp_path))
    monkeypatch.setattr("src.encoder.encode.encode", None)  # cannot be called
    again = encode_candidates(encoder, benchmark, on_disk(tmp_path))
    np.testing.assert_array_equal(first.matrix(), again.matrix())


def test_a_named_folder_of_another_encoder_or_other_texts(toy, tmp_path):
    benchmark, encoder = toy[0], toy_encoder(toy[1])
    here = Encoding(folder=str(tmp_path), on_disk_from=1)
    encode_candidates(encoder, benchmark, here)
    other = toy_encoder(toy[1])
    with torch.no_grad():
        next(other.parameters()).add_(0.5)
    with pytest.raises(InputError) as error:
        encode_candidates(other, benchmark, here)
    assert f"encoder {encoder_identity(encoder)}" in error.value.what
    assert f"encoder {encoder_identity(other)}" in error.value.what
    texts = replace(benchmark.candidates, texts=[f"{text}!" for text in benchmark.candidates.texts])
    with pytest.raises(InputError, match="the embeddings here are of texts"):
        encode_candidates(encoder, replace(benchmark, candidates=texts), here)


def test_encoders_are_told_apart_by_all_that_decides_their_embeddings(toy):
    encoder = toy_encoder(toy[1])
    known = encoder_identity(encoder)
    assert encoder_identity(toy_encoder(toy[1])) == known
    encoder.settings = replace(encoder.settings, name="another name")
    assert encoder_identity(encoder) == known
    encoder.settings = replace(encoder.settings, passage_prompt="passage: ")
    assert encoder_identity(encoder) != known


def test_queries_are_encoded_with_their_prompt_in_memory(toy, tmp_path):
    encoder = toy_encoder(toy[1])
    found = encode_queries(encoder, toy[0], on_disk(tmp_path))
    assert found.shape == (len(toy[0].queries), encoder.dimension)
    assert not list(tmp_path.rglob("*.npy"))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"dtype": "int8"}, "cannot keep embeddings as 'int8'"),
        ({"precision": "half"}, "precision must be one of null, bf16, fp16"),
        ({"shard": 0}, "shard must be a whole number from 1 on, got 0"),
        ({"tokens_per_batch": -1}, "tokens_per_batch must be"),
        ({"on_disk_from": 0}, "on_disk_from must be"),
    ],
)
def test_bad_options(options, told):
    with pytest.raises(InputError, match=told):
        Encoding(**options)
