"""Relevant documents that the pool lacks count as relevant and are never found, as pytrec_eval has it."""

from dataclasses import replace

import numpy as np
import pytest
import pytrec_eval

from src.evaluation.benchmark import Missing
from src.evaluation.evaluate import score
from src.evaluation.rescoring import rescore
from tests.evaluation.examples import benchmark, embeddings

NAMES = {"nDCG@10": "ndcg_cut_10", "nDCG": "ndcg", "R@10": "recall_10", "mAP": "map", "MRR": "recip_rank", "P@5": "P_5"}
MEASURES = {"ndcg_cut.10", "ndcg", "recall.10", "map", "recip_rank", "P.5"}


def missing(query, grade) -> Missing:
    ids = [f"gone{number}" for number in range(len(query))]
    return Missing(ids, np.array(query, np.int32), np.zeros(len(query), np.int16), np.array(grade, np.int16))


def test_equal_to_pytrec_eval():
    rng = np.random.default_rng(0)
    queries, documents = [f"q{i}" for i in range(20)], [f"d{i:02}" for i in range(30)]
    judged = [(q, d, int(rng.integers(0, 3))) for q in queries for d in rng.choice(documents, 5, replace=False)]
    made = benchmark(
        ("en",), dict.fromkeys(queries, "en"), dict.fromkeys(documents, "en"), judged, metrics=tuple(NAMES)
    )
    lost = [0, 0, 3, 7]
    made = replace(made, missing=missing(lost, [1, 2, 2, 1]))
    scores = (rng.integers(0, 8, size=(20, 30)) / 7).astype(np.float32)
    qrels: dict[str, dict[str, int]] = {}
    for query, document, grade in judged:
        qrels.setdefault(query, {})[document] = grade
    for number, (query, grade) in enumerate(zip(lost, [1, 2, 2, 1], strict=True)):
        qrels[f"q{query}"][f"gone{number}"] = grade
    run = {
        query: dict(zip(documents, map(float, row), strict=True)) for query, row in zip(queries, scores, strict=True)
    }
    theirs = pytrec_eval.RelevanceEvaluator(qrels, MEASURES).evaluate(run)
    rows = score(made, *embeddings(scores)).per_query.to_pylist()
    assert len(rows) == 20
    for row in rows:
        for ours, name in NAMES.items():
            assert row[ours] == pytest.approx(theirs[row["query"]][name], abs=1e-6), (row["query"], ours)


def test_a_query_with_missing_documents_only_scores_nothing_and_counts():
    made = benchmark(("en",), {"q": "en", "lost": "en"}, {"a": "en", "b": "en"}, [("q", "a")], metrics=("mAP", "R@1"))
    summary = score(replace(made, missing=missing([1], [1])), *embeddings([[1, 0], [1, 0]])).summary
    assert summary["settings"]["monolingual"] == {
        "mAP": pytest.approx(0.5, abs=1e-6),
        "R@1": 0.5,
        "queries": 2,
        "results": 1,
    }


def test_in_the_pool_of_all_languages_each_query_lacks_its_own():
    made = benchmark("xy", {"q": "x", "r": "y"}, {"a": "x", "b": "y"}, [("q", "a"), ("r", "b")], metrics=("mAP",))
    found = score(replace(made, missing=missing([0], [1])), *embeddings([[2, 1], [2, 1]]))
    by_language = found.summary["by_language"]["multilingual"]
    assert (by_language["x"]["mAP"], by_language["y"]["mAP"]) == pytest.approx((0.5, 0.5), abs=1e-6)


def test_rescoring_what_was_written_gives_the_same_figures(tmp_path):
    names = {"q": "en", "lost": "en", "r": "en"}, {"a": "en", "b": "en"}
    made = benchmark(("en",), *names, [("q", "a"), ("r", "b", 2), ("r", "a", 0)], metrics=("mAP", "nDCG@10"))
    made = replace(made, missing=missing([0, 1], [2, 1]))
    found = score(made, *embeddings([[1, 2], [1, 0], [1, 3]]), run_file=tmp_path / "run.trec").summary["settings"]
    again = rescore(tmp_path / "run.trec", tmp_path / "qrels.trec", ["mAP", "nDCG@10"]).means
    assert again == pytest.approx({metric: found["monolingual"][metric] for metric in again})
    assert [line.split()[0] for line in (tmp_path / "qrels.trec").read_text().splitlines()] == [
        "q",
        "q",
        "lost",
        "r",
        "r",
    ]


def test_the_fingerprint_tells_of_them():
    made = benchmark(("en",), {"q": "en"}, {"a": "en"}, [("q", "a")])
    assert replace(made, missing=missing([0], [1])).fingerprint != made.fingerprint
