"""A query that is among the candidates itself is never its own result, in any setting, run or measure."""

from dataclasses import replace

import numpy as np
import pytest
import pytrec_eval

from src.errors import InputError
from src.evaluation.evaluate import score
from tests.evaluation.examples import WORKED, WORKED_SCORES, benchmark, embeddings


def with_own(seed: int):
    """40 queries that are candidates too, graded judgements and many equal scores, in one language."""
    rng = np.random.default_rng(seed)
    names = [f"d{i:02}" for i in range(60)]
    queries = names[:40]
    judged = [
        (query, document, int(rng.integers(0, 3)))
        for query in queries
        for document in rng.choice([name for name in names if name != query], size=8, replace=False)
    ]
    made = benchmark(
        ("en",),
        dict.fromkeys(queries, "en"),
        dict.fromkeys(names, "en"),
        judged,
        metrics=("nDCG@10", "R@10", "mAP", "MRR", "P@5", "Success@1"),
    )
    scores = rng.integers(0, 6, size=(40, 60)) / 5
    scores[np.arange(40), np.arange(40)] = 2  # every query finds itself first
    return replace(made, own=np.arange(40, dtype=np.int32)), scores.astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_equal_to_pytrec_eval_without_the_query_itself(seed):
    made, scores = with_own(seed)
    qrels: dict[str, dict[str, int]] = {}
    for query, candidate, grade in zip(
        *(vars(made.judgements)[k] for k in ("query", "candidate", "grade")), strict=True
    ):
        qrels.setdefault(made.queries.ids[query], {})[made.candidates.ids[candidate]] = int(grade)
    run = {
        query: {name: float(value) for name, value in zip(made.candidates.ids, row, strict=True) if name != query}
        for query, row in zip(made.queries.ids, scores, strict=True)
    }
    names = {
        "nDCG@10": "ndcg_cut_10",
        "R@10": "recall_10",
        "mAP": "map",
        "MRR": "recip_rank",
        "P@5": "P_5",
        "Success@1": "success_1",
    }
    theirs = pytrec_eval.RelevanceEvaluator(
        qrels, {"ndcg_cut.10", "recall.10", "map", "recip_rank", "P.5", "success.1"}
    ).evaluate(run)
    rows = score(made, *embeddings(scores)).per_query.to_pylist()
    assert rows
    for row in rows:
        for ours, name in names.items():
            assert row[ours] == pytest.approx(theirs[row["query"]][name], abs=1e-6)


def test_a_run_file_leaves_the_query_itself_out(tmp_path):
    made, scores = with_own(0)
    score(made, *embeddings(scores), run_file=tmp_path / "run.trec")
    lines = [line.split() for line in (tmp_path / "run.trec").read_text().splitlines()]
    assert len(lines) == 40 * 59
    assert not [line for line in lines if line[0] == line[2]]
    assert {line[3] for line in lines if line[0] == "d00"} == {str(rank) for rank in range(1, 60)}


def test_parallel_queries_are_compared_without_themselves():
    """Each finds itself first by far, and the other's own text last: all else they rank alike."""
    names = {"x0": "x", "y0": "y", "x1": "x", "y1": "y"}
    made = benchmark("xy", {"x0": "x", "y0": "y"}, names, [("x0", "y0"), ("y0", "x0")], concept=[0, 0])
    made = replace(made, own=np.array([0, 1], np.int32))
    summary = score(made, *embeddings([[9, 0, 2, 1], [0, 9, 2, 1]])).summary
    assert summary["bias"]["MRC@10"] == pytest.approx(100)


def test_without_an_own_candidate_nothing_changes():
    nobody = replace(WORKED, own=np.full(3, -1, np.int32))
    ours, plain = (score(each, *embeddings(WORKED_SCORES)).summary for each in (nobody, WORKED))
    assert {**ours, "fingerprint": ""} == {**plain, "fingerprint": ""}
    assert nobody.fingerprint != WORKED.fingerprint


def test_a_query_judged_relevant_to_itself_is_refused():
    with pytest.raises(InputError, match="query 'qx' is judged relevant to itself"):
        replace(WORKED, own=np.array([0, -1, -1], np.int32))


@pytest.mark.parametrize("own", [[0, 1], [0, 1, 5], [-2, 0, 0]])
def test_own_candidates_that_do_not_fit_are_refused(own):
    with pytest.raises(InputError, match="do not fit"):
        replace(WORKED, own=np.array(own, np.int32))


def test_only_the_supported_settings_are_measured():
    made = replace(WORKED, settings=("crosslingual",))
    evaluation = score(made, *embeddings(WORKED_SCORES))
    whole = score(WORKED, *embeddings(WORKED_SCORES))
    assert evaluation.summary["settings"] == {"crosslingual": whole.summary["settings"]["crosslingual"]}
    assert set(evaluation.per_query["setting"].to_pylist()) == {"crosslingual"}
    assert evaluation.summary["bias"] == {}
    assert evaluation.summary["by_language"].keys() == {"crosslingual"}
    assert evaluation.matrices.keys() == {"mAP"}


def test_an_unknown_setting_is_refused():
    with pytest.raises(InputError, match="unknown setting 'bilingual'"):
        replace(WORKED, settings=("bilingual",))
