"""Real data through the entry points: part of XQuAD-R trained on, the rest of it and the other benchmarks scored."""

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


OTHERS = {  # benchmark, data, words -> settings of the results, least queries
    "beir": ("beir", "/arguana", ("search=faiss_ivf", "encoding.on_disk_from=1"), ["monolingual"], 1406),
    "miracl": ("miracl_mini", "", ("benchmark.languages=[sw,yo]", "encoding.on_disk_from=1"), ["monolingual"], 10),
    "tatoeba": ("tatoeba", "", ("benchmark.languages=[deu,cmn,swh]",), ["crosslingual"], 600),
    "squadshifts": ("squadshifts", "", ("benchmark.domains=[new_wiki]",), ["monolingual"], 100),
}


@pytest.mark.slow
@pytest.mark.parametrize("benchmark", OTHERS)
def test_the_other_benchmarks_are_read_and_scored(benchmark, finished_run, real_data, cache_dir, tmp_path):
    data, part, words, settings, least = OTHERS[benchmark]
    answer = type_in(
        "src.evaluate",
        f"checkpoint={finished_run[0]}",
        f"benchmark={benchmark}",
        f"benchmark.folder={real_data(data)}{part}",
        *words,
        "logger=csv",
        f"cache_dir={cache_dir}",
        f"hydra.run.dir={tmp_path}",
    )
    assert answer.status == 0, answer.text
    results = json.loads((tmp_path / "metrics.json").read_text())
    for summary in results.values():
        assert set(summary["settings"]) <= {*settings, "average"}
    assert sum(summary["queries"] for summary in results.values()) >= least
    record = json.loads((tmp_path / "record.json").read_text())
    assert record["status"] == "finished"
    if benchmark == "beir":
        assert "of the best 100, on 100 queries" in answer.out
