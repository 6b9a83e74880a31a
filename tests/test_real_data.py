"""XQuAD-R through the entry points: part of its articles trained on, the rest and the whole scored."""

import json

import pytest

from tests.command import type_in

QUICK = ("logger=csv", "max_steps=10", "callbacks.validation.max_queries=50", "model.hidden_size=16")


@pytest.fixture(scope="module")
def run(real_data, tmp_path_factory):
    folder, cache = tmp_path_factory.mktemp("run"), tmp_path_factory.mktemp("cache")
    answer = type_in(
        "src.train",
        "experiment=xquad_r_split",
        f"dataset.folder={real_data('xquad_r')}",
        f"hydra.run.dir={folder}",
        f"cache_dir={cache}",
        *QUICK,
    )
    assert answer.status == 0, answer.text
    return folder


@pytest.mark.slow
def test_trains_on_some_articles_and_scores_the_others(run):
    summary = json.loads((run / "metrics.json").read_text())["xquad_r[0.7-1.0]"]
    record = json.loads((run / "record.json").read_text())
    assert [summary["settings"][name]["results"] for name in summary["settings"]] == [11, 110, 11]
    assert summary["queries"] % 11 == 0
    trained_on = record["data"]["concepts"]["train"]["all"] + record["data"]["concepts"]["validation"]["all"]
    assert trained_on + summary["queries"] // 11 == 1190
    assert set(record["data"]["sources"]) >= {"ar.json", "zh.json"}


@pytest.mark.slow
def test_scores_the_whole_benchmark(run, real_data, tmp_path):
    answer = type_in(
        "src.evaluate",
        f"checkpoint={run}",
        "benchmark=xquad_r",
        f"benchmark.folder={real_data('xquad_r')}",
        "logger=csv",
        f"hydra.run.dir={tmp_path}",
    )
    assert answer.status == 0, answer.text
    summary = json.loads((tmp_path / "metrics.json").read_text())["xquad_r"]
    assert (summary["queries"], summary["candidates"]) == (13_090, 13_014)
    assert len(summary["pairs"]) == 121
    assert "13,014 candidates" in answer.out
    assert summary["bias"]["same_language@10_unbiased"] == pytest.approx(1 / 11, abs=0.002)
