import json
from dataclasses import replace

import numpy as np
import pytest
import pytrec_eval
import torch

from src.encoder.encode import encode
from src.errors import InputError
from src.evaluation.benchmark import TextSet
from src.evaluation.encoding import Encoding
from src.evaluation.evaluate import evaluate, evaluate_all, score
from src.evaluation.from_pairs import benchmark_from_pairs
from tests.evaluation.examples import WORKED, WORKED_SCORES, benchmark, embeddings
from tests.toy import toy_data, toy_encoder


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    torch.set_num_threads(1)
    data = toy_data(tmp_path_factory.mktemp("toy"))
    return benchmark_from_pairs(data, "validation"), toy_encoder(data)


def test_the_summary_is_plain_json():
    summary = score(WORKED, *embeddings(WORKED_SCORES)).summary
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    assert {key: summary[key] for key in ("name", "languages", "candidates", "queries", "template")} == {
        **{"name": "example", "languages": ["x", "y"], "candidates": 5, "queries": 3, "template": "{text}"}
    }
    assert summary["fingerprint"] == WORKED.fingerprint


def test_one_row_for_each_query_and_pool():
    table = score(WORKED, *embeddings(WORKED_SCORES)).per_query
    assert table.column_names[:6] == [
        *("setting", "query", "concept", "query_language", "candidate_language", "relevant"),
    ]
    keys = ("setting", "query", "concept", "query_language", "candidate_language", "relevant", "mAP")
    rows = [tuple(row[key] for key in keys) for row in table.to_pylist()]
    assert rows == [
        ("monolingual", "qx", 1, "x", "x", 1, 1),
        ("monolingual", "qy", 1, "y", "y", 1, 1),
        ("monolingual", "qx2", 2, "x", "x", 1, 0.5),
        ("crosslingual", "qx", 1, "x", "y", 1, 0.5),
        ("crosslingual", "qy", 1, "y", "x", 1, pytest.approx(1 / 3)),
        ("multilingual", "qx", 1, "x", "*", 2, 0.75),
        ("multilingual", "qy", 1, "y", "*", 2, 0.75),
        ("multilingual", "qx2", 2, "x", "*", 1, 0.25),
    ]
    assert table["rank_distance"].to_pylist() == [None] * 5 + [3, 3, None]
    assert table["same_language@10"].to_pylist() == [None] * 5 + [0.6, 0.4, 0.6]


def test_negative_scores_and_zeros_rank_as_others_do():
    """A pool whose best score is 0 or below loses no relevance."""
    below = np.array(WORKED_SCORES) - 0.9
    shifted, given = (score(WORKED, *embeddings(scores)).summary for scores in (below, WORKED_SCORES))
    assert shifted == given


def test_settings_agree_with_the_rows(toy):
    """Each setting's figure is the mean of its views' means, recomputed from the table."""
    evaluation = evaluate(toy[1], toy[0], progress=False)
    views = {}
    for row in evaluation.per_query.to_pylist():
        pools = views.setdefault(row["setting"], {})
        pools.setdefault((row["query_language"], row["candidate_language"]), []).append(row["mAP"])
    assert views.keys() == evaluation.summary["settings"].keys()
    for setting, values in evaluation.summary["settings"].items():
        assert values["mAP"] == pytest.approx(np.mean([np.mean(pool) for pool in views[setting].values()]))
        assert (values["queries"], values["results"]) == (sum(map(len, views[setting].values())), len(views[setting]))


def test_an_encoder_is_scored_by_its_embeddings(toy):
    benchmark, encoder = toy
    apart = score(
        benchmark,
        encode(encoder, benchmark.queries.texts, "query"),
        encode(encoder, benchmark.candidates.texts, "passage"),
    )
    together = evaluate(encoder, benchmark, encoding=Encoding(tokens_per_batch=64))
    assert together.summary["settings"]["multilingual"]["mAP"] == pytest.approx(
        apart.summary["settings"]["multilingual"]["mAP"], abs=1e-3
    )
    assert encoder.training


def test_equal_texts_are_encoded_once(toy, monkeypatch):
    benchmark, encoder = toy
    texts = benchmark.candidates.texts
    repeated = replace(
        benchmark, candidates=replace(benchmark.candidates, texts=[texts[i % 7] for i in range(len(texts))])
    )
    asked = []

    def record(_, texts, side, **options):
        asked.append((side, list(texts)))
        rng = np.random.default_rng(len(asked))
        return rng.standard_normal((len(texts), 4)).astype(np.float32)

    monkeypatch.setattr("src.encoder.encode.encode", record)
    evaluate(encoder, repeated, progress=False)
    assert [(side, len(texts)) for side, texts in asked] == [
        ("query", len(set(benchmark.queries.texts))),
        ("passage", 7),
    ]


def test_a_run_file_scores_the_same_elsewhere(tmp_path, toy):
    benchmark, encoder = toy
    evaluation = evaluate(encoder, benchmark, run_file=tmp_path / "deep" / "run.trec")
    with (tmp_path / "deep" / "run.trec").open() as run, (tmp_path / "deep" / "qrels.trec").open() as qrels:
        evaluator = pytrec_eval.RelevanceEvaluator(pytrec_eval.parse_qrel(qrels), {"map"})
        theirs = evaluator.evaluate(pytrec_eval.parse_run(run))
    rows = [row for row in evaluation.per_query.to_pylist() if row["setting"] == "multilingual"]
    assert len(rows) == len(theirs)
    for row in rows:
        assert row["mAP"] == pytest.approx(theirs[row["query"]]["map"], abs=1e-6)


def test_a_run_file_that_cannot_be_written_is_told_before_anything_is_encoded(tmp_path, toy, monkeypatch):
    made, encoder = toy
    spaced = [f"{ident} a" for ident in made.candidates.ids]
    spaced_out = replace(made, candidates=TextSet(spaced, made.candidates.texts, made.candidates.language))
    monkeypatch.setattr("src.evaluation.evaluate.encode_queries", None)  # cannot be called
    with pytest.raises(InputError, match="holds a space"):
        evaluate_all(encoder, spaced_out, runs=tmp_path)


def test_one_embedding_a_text():
    queries, candidates = embeddings(WORKED_SCORES)
    with pytest.raises(InputError, match="2 query embeddings for 3 texts"):
        score(WORKED, queries[:2], candidates)


def test_an_embedding_that_cannot_be_ranked():
    queries, candidates = embeddings(WORKED_SCORES)
    queries = queries.copy()
    queries[1, 1] = np.nan
    with pytest.raises(InputError, match="1 of 3 query embeddings hold NaN"):
        score(WORKED, queries, candidates)


def test_the_order_of_candidates_does_not_matter():
    """Languages mixed or grouped, same ids: same results."""
    order = [3, 0, 4, 2, 1]
    texts = WORKED.candidates
    place = np.argsort(order)
    judged = WORKED.judgements
    moved = replace(
        WORKED,
        candidates=TextSet([texts.ids[i] for i in order], [texts.texts[i] for i in order], texts.language[order]),
        judgements=replace(judged, candidate=place[judged.candidate].astype(np.int32)),
    )
    scores = np.array(WORKED_SCORES)[:, order]
    summaries = [score(WORKED, *embeddings(WORKED_SCORES)).summary, score(moved, *embeddings(scores)).summary]
    for summary in summaries:
        summary.pop("fingerprint")
    assert summaries[0] == summaries[1]


def test_more_relevant_than_others():
    """Graded judgements reach the metrics."""
    judged = [("q", "a", 1), ("q", "b", 2), ("q", "c", 0)]
    example = benchmark("x", {"q": "x"}, {"a": "x", "b": "x", "c": "x"}, judged, metrics=("nDCG", "R@1"))
    found = score(example, *embeddings([[3, 1, 2]])).summary["settings"]["monolingual"]
    assert found["nDCG"] == pytest.approx((1 + 2 / np.log2(4)) / (2 + 1 / np.log2(3)))
    assert found["R@1"] == 0.5
