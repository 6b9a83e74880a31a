from dataclasses import replace

import numpy as np
import pytest
import torch

from src.encoder.debias_fit import LIR, Center
from src.encoder.encode import encode
from src.errors import InputError
from src.evaluation.debiasing import prepare
from src.evaluation.encoding import Encoding, encode_candidates, encode_queries
from src.evaluation.evaluate import evaluate, evaluate_all, score
from src.evaluation.from_pairs import benchmark_from_pairs
from tests.toy import LANGUAGES, toy_data, toy_encoder

OPTIONS = {"texts": None, "texts_per_language": 1000, "side": "both", "renormalize": True, "seed": 1}
METHODS = (Center(**OPTIONS), LIR(**OPTIONS, rank=1))


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    torch.set_num_threads(1)
    data = toy_data(tmp_path_factory.mktemp("toy"))
    return benchmark_from_pairs(data, "validation"), data


@pytest.fixture(params=METHODS, ids=["center", "lir"])
def debiased(toy, request):
    """An encoder with a removal fitted to the training part."""
    encoder = toy_encoder(toy[1])
    prepare(request.param, toy[0], toy[1]).fit(encoder, Encoding())
    return encoder


def by_hand(encoder, data, texts, language, side, method) -> np.ndarray:
    """The removal written out: one language after the other, from plain embeddings."""
    made = encode(encoder, texts, side).astype(np.float64)
    for number in range(len(LANGUAGES)):
        ids, same = np.arange(8, 40), np.full(32, number)
        questions = encode(encoder, data.questions.get(ids, same), "query")
        fitted = np.concatenate([questions, encode(encoder, data.passages.get(ids, same), "passage")])
        own = language == number
        if method == "Center":
            made[own] -= fitted.astype(np.float64).mean(axis=0)
        else:
            first = np.linalg.svd(fitted.astype(np.float64).T, full_matrices=False)[0][:, :1]
            made[own] -= made[own] @ first @ first.T
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def test_an_evaluation_is_what_removal_by_hand_gives(toy, debiased):
    benchmark, data = toy
    plain, sides = toy_encoder(data), (("query", benchmark.queries), ("passage", benchmark.candidates))
    method = debiased.debias.about["method"]
    queries, candidates = (by_hand(plain, data, texts.texts, texts.language, side, method) for side, texts in sides)
    np.testing.assert_allclose(encode_queries(debiased, benchmark, Encoding()), queries, atol=1e-5)
    np.testing.assert_allclose(encode_candidates(debiased, benchmark, Encoding()).matrix(), candidates, atol=1e-5)
    found, expected = evaluate(debiased, benchmark).summary, score(benchmark, queries, candidates).summary
    for setting, values in expected["settings"].items():
        assert found["settings"][setting] == pytest.approx(values, abs=1e-6)
    assert found["bias"]["rank_distance"] == pytest.approx(expected["bias"]["rank_distance"], abs=1e-6)
    assert found["settings"] != evaluate(plain, benchmark).summary["settings"]


def test_embeddings_on_disk_are_those_in_memory_and_never_another_removals(toy, debiased, tmp_path):
    benchmark, data = toy
    disk = Encoding(cache_dir=str(tmp_path), on_disk_from=1, shard=7)
    plain = encode_candidates(toy_encoder(data), benchmark, disk)
    kept = encode_candidates(debiased, benchmark, disk)
    in_memory = encode_candidates(debiased, benchmark, Encoding())
    np.testing.assert_allclose(kept.matrix(), in_memory.matrix(), atol=1e-6)
    assert kept.folder != plain.folder
    assert encode_candidates(debiased, benchmark, disk).folder == kept.folder
    turned = replace(benchmark.candidates, language=(benchmark.candidates.language + 1) % 3)  # languages decide too
    assert encode_candidates(debiased, replace(benchmark, candidates=turned), disk).folder != kept.folder
    assert encode_candidates(toy_encoder(data), replace(benchmark, candidates=turned), disk).folder == plain.folder


def test_fitting_again_starts_from_the_encoders_own_embeddings(toy, debiased):
    first = debiased.debias.fingerprint
    method = next(each for each in METHODS if type(each).__name__ == debiased.debias.about["method"])
    prepare(method, *toy).fit(debiased, Encoding())
    assert debiased.debias.fingerprint == first


def test_a_language_without_texts_is_told_before_anything_is_encoded(toy, tmp_path, monkeypatch):
    benchmark, data = toy
    for code in LANGUAGES[:2]:
        (tmp_path / f"{code}.txt").write_text("one\ntwo\n")
    monkeypatch.setattr("src.encoder.encode.encode", None)  # cannot be called
    with pytest.raises(InputError, match="fitted for de, en, and not for fr") as error:
        prepare(replace(METHODS[0], texts=str(tmp_path)), benchmark, data)
    assert error.value.where == f"debias, {benchmark.name}"


def test_an_encoder_is_not_scored_in_a_language_that_its_debiasing_lacks(toy, debiased):
    debias = debiased.debias
    debiased.debias = replace(debias, languages=debias.languages[:2], mean=debias.mean[:2], basis=debias.basis[:2])
    for scored in (evaluate, evaluate_all):
        with pytest.raises(InputError, match="and not for fr"):
            scored(debiased, toy[0])


def test_an_evaluation_has_no_texts_of_its_own(toy):
    with pytest.raises(InputError, match="which texts is it fitted to"):
        prepare(METHODS[0], toy[0])
