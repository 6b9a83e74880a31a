from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from src.comparing.comparing import compare_runs
from src.comparing.interval import Bootstrap
from src.comparing.runs import find_runs
from src.errors import InputError
from src.evaluation.dimensions import at_size
from src.reporting.closing import report_run
from src.reporting.results import save_results
from src.reporting.sizes import at, sizes_in, sizes_table
from tests.written_runs import make_evaluation, make_run

FEW = Bootstrap(50, 0.95, 0)


def cut(size: int, value: float, name: str = "toy") -> SimpleNamespace:
    evaluation = make_evaluation(lambda *_: value, name=name)
    evaluation.summary = at_size(evaluation.summary, size, 64)
    return evaluation


def scored(value: float, *sizes: int) -> list[SimpleNamespace]:
    """A run's results: the smaller the size, the worse."""
    return [make_evaluation(lambda *_: value), *(cut(size, value - 1 / size) for size in sizes)]


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    """Two strategies scored at other sizes."""
    for choice, value, sizes in (("monolingual", 0.5, (32, 16)), ("hybrid", 0.6, (32,))):
        for seed in (1, 2):
            sampler = {"_target_": f"src.sampling.{choice}"}
            folder = tmp_path / f"{choice}-{seed}"
            make_run(folder, seed=seed, sampler=sampler, choice=choice, evaluations=scored(value, *sizes))
            save_results(folder, scored(value, *sizes))
    return tmp_path


def test_results_of_one_size_are_told_from_others():
    metrics = {each.summary["name"]: each.summary for each in scored(0.5, 32, 16)}
    assert list(metrics) == ["toy", "toy@32", "toy@16"]
    assert [list(at(metrics, size)) for size in (None, 32, 8)] == [["toy"], ["toy@32"], []]
    assert sizes_in(metrics) == [32, 16]


def test_a_table_has_a_row_a_size():
    metrics = {each.summary["name"]: each.summary for each in scored(0.5, 32, 16)}
    table = sizes_table(metrics, "toy")
    cells = [list(column.cells) for column in table.columns]
    assert cells[0] == ["64", "32", "16"]
    assert cells[1:4] == [["0.500", "0.469", "0.438"]] * 3
    assert cells[4] == ["50.0", "53.1", "56.2"]
    assert sizes_table({"toy": metrics["toy"]}, "toy") is None
    average = {"name": "all", "settings": {"average": {"score": 0.5, "queries": 1, "results": 2}}, "bias": {}}
    table = sizes_table({"all": average, "all@8": at_size(average, 8, 16)}, "all")
    assert [list(column.cells) for column in table.columns] == [["16", "8"], ["0.500", "0.500"]]


def test_the_end_of_a_run_shows_whole_results_and_the_table():
    out = Console(width=80, record=True, file=StringIO())
    report_run(out, {each.summary["name"]: each.summary for each in scored(0.5, 32)}, saved={}, steps={})
    text = out.export_text()
    assert text.count("language bias") == 1
    assert "toy · mAP by size of the embeddings" in text
    assert "@32" not in text


def test_only_whole_results_have_a_heat_map(tmp_path):
    evaluations = scored(0.5, 32)
    assert save_results(tmp_path, evaluations) == {"toy": tmp_path / "heatmap.png"}
    assert [path.name for path in tmp_path.glob("*.png")] == ["heatmap.png"]


def test_a_comparison_is_of_whole_embeddings_unless_a_size_is_named(sweep):
    whole = compare_runs([sweep], FEW)
    assert {row.benchmark for row in whole.rows} == {"toy"}
    assert "Also scored at 32, 16 dimensions: dimension=32 compares these." in whole.notes
    at_32 = compare_runs([sweep], FEW, dimension=32)
    assert {row.benchmark for row in at_32.rows} == {"toy@32"}
    (row,) = [row for row in at_32.rows if row.against and (row.setting, row.metric) == ("multilingual", "mAP")]
    assert row.spread.mean == pytest.approx(0.6 - 1 / 32)
    assert (row.against.difference, row.against.low) == (pytest.approx(0.1), pytest.approx(0.1))
    assert not any("Also scored" in note for note in at_32.notes)


def test_runs_without_the_size_are_left_out_and_named(sweep):
    runs, skipped = find_runs([sweep], dimension=16)
    assert [run.folder.name for run in runs] == ["monolingual-1", "monolingual-2"]
    assert all(run.metrics.keys() == {"toy@16"} and run.per_query("toy@16") for run in runs)
    assert {each.reason for each in skipped} == {"not scored at 16 dimensions"}
    with pytest.raises(InputError, match="not scored at 8 dimensions") as error:
        compare_runs([sweep], FEW, dimension=8)
    assert "dimensions=[8]" in error.value.fix
