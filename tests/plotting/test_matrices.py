"""Heat-maps, their differences and language shares: the cells hold the runs' figures."""

from pathlib import Path

import numpy as np
import pytest

from src.plotting.case import Case
from src.plotting.differences import differences
from src.plotting.figure import Drawn
from src.plotting.heatmaps import heatmaps
from src.plotting.matrices import Scale, panels
from src.plotting.shares import shares
from src.reporting.folder import read_json
from tests.plotting.conftest import case_of
from tests.plotting.toy import compared, strategies, without_results, write
from tests.written_runs import LANGUAGES


def cells(drawn: Drawn) -> dict[str, np.ndarray]:
    """Panel's title -> its matrix."""
    axes = [axis for axis in drawn.canvas.axes if axis.get_title(loc="left")]
    return {axis.get_title(loc="left"): np.asarray(axis.collections[0].get_array()).reshape(3, 3) for axis in axes}


def mean_pairs(case: Case, label: str) -> np.ndarray:
    (group,) = (group for group in case.groups if group.label == label)
    tables = [read_json(run.folder / "metrics.json")["toy"]["pairs"] for run in group.runs]
    return np.mean([[[table[f"{q}-{c}"]["mAP"] for c in LANGUAGES] for q in LANGUAGES] for table in tables], axis=0)


def test_heat_maps_are_means_over_seeds(case: Case):
    (drawn,), notes = heatmaps(case)
    found = cells(drawn)
    assert list(found) == [group.label for group in case.groups]
    for label, matrix in found.items():
        np.testing.assert_allclose(matrix, mean_pairs(case, label))
    axis = drawn.canvas.axes[0]
    assert [text.get_text() for text in axis.get_yticklabels()] == list(LANGUAGES)
    assert (axis.get_ylabel(), axis.get_xlabel()) == ("query language", "candidate language")
    assert axis.yaxis_inverted()
    assert not notes


def test_differences_are_centred_at_zero(case: Case):
    (drawn,), _ = differences(case)
    base = mean_pairs(case, case.baseline)
    found = cells(drawn)
    assert list(found) == [group.label for group in case.groups if group.label != case.baseline]
    for label, matrix in found.items():
        np.testing.assert_allclose(matrix, mean_pairs(case, label) - base)
    norm = drawn.canvas.axes[0].collections[0].norm
    assert norm.vmin == -norm.vmax
    assert norm.vmax == pytest.approx(0.3)


def test_numbers_in_cells():
    scale = Scale("cividis", 0, 1, "mAP")
    assert [scale.text(value) for value in (0.523, 1.0, float("nan"))] == [".52", "1.00", "–"]
    signed = Scale("RdBu", -1, 1, "difference", signed=True)
    assert [signed.text(value) for value in (0.031, -0.2, 0.001)] == ["+.03", "−.20", ".00"]


def test_of_many_languages_the_numbers_are_left_out():
    some, many = (panels("t", {"a": np.zeros((n, n))}, [f"l{i}" for i in range(n)], Scale("cividis", 0, 1, "mAP"))
                  for n in (3, 36))  # fmt: skip
    assert (len(some.axes[0].texts), len(many.axes[0].texts)) == (9, 0)


@pytest.mark.parametrize(("languages", "columns"), [(24, 3), (36, 2)])
def test_of_many_languages_panels_are_larger(languages: int, columns: int):
    names = [f"l{i}" for i in range(languages)]
    figure = panels("t", dict.fromkeys("abc", np.zeros((languages,) * 2)), names, Scale("cividis", 0, 1, "mAP"))
    assert figure.axes[0].get_subplotspec().get_gridspec().ncols == columns
    assert figure.axes[0].get_xticklabels()[0].get_fontsize() > 3


def test_no_language_pair_no_heat_map(tmp_path: Path):
    comparison = strategies(tmp_path, seeds=(1,))
    case = case_of(comparison)
    for group in case.groups:
        for run in group.runs:
            run.metrics["toy"]["pairs"].clear()
    assert heatmaps(case) == ([], ["No heat-maps: no figures by pairs of languages."])
    assert differences(case)[0] == []


def test_shares_are_means_over_seeds_and_rows_sum_to_one(case: Case):
    (drawn,), notes = shares(case)
    for matrix in cells(drawn).values():
        np.testing.assert_allclose(matrix.sum(axis=1), 1)
        np.testing.assert_allclose(np.diagonal(matrix), 0.65)
    assert "0.33" in drawn.caption
    assert not notes


def test_groups_without_shares_are_named(tmp_path: Path):
    strategies(tmp_path)
    run = write(tmp_path, "old", 1)
    without_results(run, "shares@10")
    (drawn,), notes = shares(case_of(compared(tmp_path)))
    assert "sampler=old" not in cells(drawn)
    assert notes == [
        "No language shares among the 10 best of sampler=old: score them again with python -m src.evaluate."
    ]
