from pathlib import Path

import pytest

from src.comparing.comparability import cautions, other_searches, refuse_mixed
from src.comparing.grouping import RunGroup
from src.comparing.runs import Run
from src.errors import InputError


def run(name: str, summary: dict | None = None, *, data: str = "d", steps: int = 10, commit: str = "c") -> Run:
    record = {"data": {"fingerprint": data}, "training": {"steps": steps}, "git": {"commit": commit}}
    return Run(Path(name), {"seed": name}, record, {"toy": summary or {}})


def test_other_content_is_refused_and_both_are_named(evaluation):
    summary = evaluation().summary
    runs = [run("a", summary), run("b", summary), run("c", {**summary, "fingerprint": "other"})]
    refuse_mixed(runs[:2], "toy")
    with pytest.raises(InputError, match="fingerprint-of-toy and other") as caught:
        refuse_mixed(runs, "toy")
    assert caught.value.where == "a and c"


def test_other_metrics_are_refused(evaluation):
    summary, other = evaluation().summary, evaluation().summary
    del other["settings"]["crosslingual"]["R@1"]
    with pytest.raises(InputError, match="crosslingual R@10 mAP"):
        refuse_mixed([run("a", summary), run("b", other)], "toy")


def test_other_data_steps_and_code_are_said():
    groups = [RunGroup("hybrid", (run("1"), run("2"))), RunGroup("mixed", (run("3", data="e", steps=20), run("4")))]
    assert cautions(groups) == [
        "Not the same data in all runs: d in hybrid, mixed; e in mixed.",
        "Not the same steps in all runs: 10 in hybrid, mixed; 20 in mixed.",
    ]
    assert cautions([RunGroup("hybrid", (run("1"), run("2", commit="0123456789abcdef")))]) == [
        "Not the same commit in all runs: c in hybrid; 0123456789ab in hybrid."
    ]


def test_a_single_run_has_no_spread_and_alike_runs_need_no_word():
    assert cautions([RunGroup("a", (run("1"), run("2"))), RunGroup("b", (run("3"),))]) == ["1 run, so no spread: b."]
    assert cautions([RunGroup("a", (run("1"), run("2")))]) == []
    assert cautions([RunGroup(label, (run("1"),)) for label in "abcd"]) == ["1 run, so no spread: 4 groups."]


def test_another_pool_is_refused(evaluation):
    summary = evaluation().summary
    with pytest.raises(InputError, match="differ in pool: 18 queries, 1234 candidates in ar de en and 18 queries, 99 "):
        refuse_mixed([run("a", summary), run("b", {**summary, "candidates": 99})], "toy")


def test_another_search_is_said(evaluation):
    approximate = {**evaluation().summary, "search": {"name": "hnsw", "factory": "HNSW32"}}
    groups = [RunGroup("a", (run("1", evaluation().summary),)), RunGroup("b", (run("2", approximate),))]
    assert other_searches(groups, "toy") == ["Not the same search on toy in all runs: exact in a; hnsw HNSW32 in b."]
    assert other_searches(groups[:1], "toy") == []
