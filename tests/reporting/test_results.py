import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from src.comparing.interval import Bootstrap
from src.comparing.paired import difference, mean_per_query
from src.comparing.runs import find_runs
from src.evaluation.benchmark import Benchmark, Judgements, TextSet
from src.evaluation.evaluate import score
from src.reporting.folder import write_config, write_json
from src.reporting.results import save_results


def coded(table: pa.Table) -> pa.Table:
    """Text columns as dictionaries, as an evaluation gives them."""
    for position, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            table = table.set_column(position, field.name, table.column(position).dictionary_encode())
    return table


def test_one_benchmark(tmp_path: Path, evaluation):
    result = evaluation(lambda setting, concept, *_: concept / 10)
    heatmaps = save_results(tmp_path, [result])
    assert heatmaps == {"toy": tmp_path / "heatmap.png"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["heatmap.png", "metrics.json", "per_query.parquet"]
    assert json.loads((tmp_path / "metrics.json").read_text()) == {"toy": json.loads(json.dumps(result.summary))}
    table = pq.read_table(tmp_path / "per_query.parquet")
    assert set(table.column("benchmark").to_pylist()) == {"toy"}
    assert table.drop(["benchmark"]).equals(result.per_query)


def test_no_heatmap_where_each_language_is_searched_from_one_only(tmp_path: Path, evaluation):
    result = evaluation()
    result.summary["pairs"] = {pair: values for pair, values in result.summary["pairs"].items() if pair[:2] == pair[3:]}
    assert save_results(tmp_path, [result]) == {}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["metrics.json", "per_query.parquet"]


def test_the_averages_of_suites_stand_after_the_benchmarks(tmp_path: Path, evaluation):
    result = evaluation()
    save_results(tmp_path, [result], {"suite": {"name": "suite", "settings": {}}})
    assert list(json.loads((tmp_path / "metrics.json").read_text())) == ["toy", "suite"]


def test_several_benchmarks_with_their_own_columns(tmp_path: Path, evaluation):
    first, second = evaluation(), evaluation(name="other", languages=("en", "fr"))
    first.per_query, second.per_query = coded(first.per_query), coded(second.per_query.drop(["rank_distance"]))
    heatmaps = save_results(tmp_path, [first, second])
    assert heatmaps == {"toy": tmp_path / "heatmap-toy.png", "other": tmp_path / "heatmap-other.png"}
    table = pq.read_table(tmp_path / "per_query.parquet", filters=[("benchmark", "=", "other")])
    assert table.num_rows == second.per_query.num_rows
    assert table.column("query").to_pylist() == second.per_query.column("query").to_pylist()
    assert table.column("rank_distance").null_count == table.num_rows


LANGUAGES = ("ar", "de", "en")


def a_benchmark(concepts: int) -> Benchmark:
    """Each concept asked and answered in three languages; the German answers of every third one are missing."""
    ids = [(concept, language) for concept in range(concepts) for language in range(3)]
    kept = [i for i, (concept, language) in enumerate(ids) if language != 1 or concept % 3]
    position = {i: n for n, i in enumerate(kept)}
    pairs = [(q, position[c]) for q in range(len(ids)) for c in kept if ids[q][0] == ids[c][0]]
    language = np.array([each for _, each in ids], np.int16)
    names = [f"{LANGUAGES[each]}{concept:02}" for concept, each in ids]
    return Benchmark(
        name="toy",
        languages=LANGUAGES,
        queries=TextSet(names, names, language),
        candidates=TextSet([names[i] for i in kept], [names[i] for i in kept], language[kept]),
        judgements=Judgements(*np.array(pairs, np.int32).T, np.ones(len(pairs), np.int16)),
        concept=np.array([concept for concept, _ in ids], np.int32),
        metrics=("mAP", "R@1"),
        headline="mAP",
        template="text",
    )


def test_what_an_evaluation_leaves_is_what_a_comparison_reads(tmp_path: Path):
    """The mean of the per-query rows, as the bootstrap takes it, is the summary's figure in every setting."""
    benchmark, rng = a_benchmark(12), np.random.default_rng(0)
    concept = rng.normal(size=(12, 8))
    for sampler, noise in {"hybrid": 0.5, "monolingual": 2.0}.items():
        folder = tmp_path / sampler
        folder.mkdir()
        queries, candidates = (
            (concept[[int(name[2:]) for name in texts.ids]] + noise * rng.normal(size=(len(texts), 8))).astype(
                np.float32
            )
            for texts in (benchmark.queries, benchmark.candidates)
        )
        save_results(folder, [score(benchmark, queries, candidates)])
        write_json(folder / "record.json", {"status": "finished", "choices": {"sampler": sampler}})
        write_config(folder, {"seed": 1, "sampler": {"name": sampler}})
    hybrid, monolingual = find_runs([tmp_path])[0]
    deltas = difference(mean_per_query([hybrid], "toy"), mean_per_query([monolingual], "toy"), (hybrid, monolingual))
    for setting, values in hybrid.metrics["toy"]["settings"].items():
        for metric in ("mAP", "R@1"):
            expected = values[metric] - monolingual.metrics["toy"]["settings"][setting][metric]
            assert Bootstrap(10).estimate(deltas, setting, metric).estimate == pytest.approx(expected, abs=1e-12)
    for measure in ("rank_distance", "same_language@10"):
        expected = hybrid.metrics["toy"]["bias"][measure] - monolingual.metrics["toy"]["bias"][measure]
        assert Bootstrap(10).estimate(deltas, "multilingual", measure).estimate == pytest.approx(expected, abs=1e-9)
    assert hybrid.metrics["toy"]["settings"]["crosslingual"]["results"] == 6
