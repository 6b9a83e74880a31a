"""The trade-off, bars, learning curves and sweeps: what their axes show is what the runs found."""

from pathlib import Path

import numpy as np
import pytest

from src.comparing.comparing import Comparison
from src.comparing.paired import mean_per_query
from src.evaluation.statistics import ClusteredBootstrap
from src.plotting.case import Case
from src.plotting.concepts import RESAMPLES, intervals
from src.plotting.figure import Drawn
from src.plotting.languages import languages
from src.plotting.learning import MOST, learning
from src.plotting.style import looks_of
from src.plotting.sweep import sweep
from src.plotting.tradeoff import tradeoff
from src.plotting.varying import varying
from tests.plotting.conftest import case_of
from tests.plotting.toy import alphas, compared, strategies, write
from tests.written_runs import LANGUAGES


def setting_of(run, setting: str) -> float:
    return run.metrics["toy"]["settings"][setting]["mAP"]


def test_the_trade_off_has_a_mark_a_group_and_its_bias_as_colour(case: Case):
    (drawn,), _ = tradeoff(case)
    axis = drawn.canvas.axes[0]
    marks = {mark.get_label(): mark for mark in axis.collections if not mark.get_label().startswith("_")}
    for group in case.groups:
        expected = [np.mean([setting_of(run, name) for run in group.runs]) for name in ("monolingual", "crosslingual")]
        np.testing.assert_allclose(marks[group.label].get_offsets()[0], expected)
    colours = {tuple(mark.get_facecolor()[0]) for mark in marks.values()}
    assert len(colours) == len(case.groups)
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("monolingual mAP", "cross-lingual mAP")
    assert len(axis.containers) == 3  # whiskers


def test_one_seed_has_no_whiskers_and_no_thin_lines(one_seed: Comparison):
    case = case_of(one_seed)
    assert not tradeoff(case)[0][0].canvas.axes[0].containers
    (curves,), _ = learning(one_seed.groups, case.looks)
    assert len(curves.canvas.axes[0].lines) == 3
    assert "1 seed each" in curves.caption


def bars(drawn: Drawn, panel: int) -> dict[str, list[float]]:
    axis = drawn.canvas.axes[panel]
    return {box.get_label(): [bar.get_width() for bar in box] for box in axis.containers}


def test_bars_are_the_means_of_each_query_language(case: Case):
    (drawn,), notes = languages(case)
    for panel, setting in enumerate(("monolingual", "crosslingual", "multilingual")):
        for group in case.groups:
            tables = [run.metrics["toy"]["by_language"][setting] for run in group.runs]
            expected = [np.mean([table[code]["mAP"] for table in tables]) for code in LANGUAGES]
            np.testing.assert_allclose(bars(drawn, panel)[group.label], expected)
    assert [text.get_text() for text in drawn.canvas.axes[0].get_yticklabels()] == list(LANGUAGES)
    assert not notes


def test_intervals_are_the_clustered_bootstrap_of_the_seeds_mean(case: Case):
    group = case.groups[0]
    found = intervals(group, "toy", "mAP", 0.95)
    rows = mean_per_query(group.runs, "toy")
    codes = rows.keys.column("query_language").to_numpy(zero_copy_only=False)
    here = rows.of_setting("crosslingual") & (codes == "de")
    expected = ClusteredBootstrap(
        rows.keys.column("concept").to_numpy()[here],
        rows.keys.column("candidate_language").to_numpy(zero_copy_only=False)[here],
        resamples=RESAMPLES,
    ).mean(rows.values["mAP"][here])
    estimate = found["crosslingual", "de"]
    assert (estimate.estimate, estimate.low, estimate.high) == pytest.approx(
        (expected.estimate, expected.low, expected.high)
    )
    assert estimate.low < estimate.estimate < estimate.high
    lines = languages(case)[0][0].canvas.axes[1].lines
    drawn_at = [(line.get_xdata()[0], line.get_xdata()[1]) for line in lines]
    assert any(line == pytest.approx((estimate.low, estimate.high)) for line in drawn_at)


def test_without_results_by_query_bars_have_no_intervals(tmp_path: Path):
    comparison = strategies(tmp_path, seeds=(1,))
    for path in tmp_path.glob("*/per_query.parquet"):
        path.unlink()
    (drawn,), notes = languages(case_of(comparison))
    assert not drawn.canvas.axes[0].lines
    assert "No intervals" in drawn.caption
    assert notes[0].startswith("Bars by language without intervals")


def test_learning_curves_by_steps_pairs_and_time(comparison: Comparison):
    (drawn,), notes = learning(comparison.groups, looks_of(group.label for group in comparison.groups))
    steps, pairs, time = drawn.canvas.axes
    for axis, scale in ((steps, 1), (pairs, 8), (time, 2)):
        mean = next(line for line in axis.lines if line.get_label() == "sampler=hybrid")
        np.testing.assert_allclose(mean.get_xdata(), np.array([10, 20, 30]) * scale)
        np.testing.assert_allclose(mean.get_ydata(), [0.25, 0.35, 0.45])
        assert len(axis.lines) == 3 * (1 + 2)
    assert [axis.get_xlabel() for axis in drawn.canvas.axes] == [
        *("optimizer steps", "pairs of training seen", "training time (seconds)"),
    ]
    assert not notes


def test_seeds_of_different_length_are_averaged_where_both_are(tmp_path: Path):
    write(tmp_path, "hybrid", 1)
    short = write(tmp_path, "hybrid", 2)
    path = short / "csv" / "metrics.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    comparison = compared(tmp_path)
    label = comparison.groups[0].label
    (drawn,), _ = learning(comparison.groups, looks_of([label]))
    mean = next(line for line in drawn.canvas.axes[0].lines if line.get_label() == label)
    np.testing.assert_allclose(mean.get_xdata(), [10, 20])


def test_a_sweep_over_alpha_shows_every_setting_and_the_bias(alpha_case: Case):
    (drawn,), notes = sweep(alpha_case)
    assert drawn.name == "sweep-alpha"
    assert [axis.get_title(loc="left") for axis in drawn.canvas.axes] == [
        *("monolingual", "cross-lingual", "multilingual", "language bias"),
    ]
    line = drawn.canvas.axes[1].lines[0]
    np.testing.assert_allclose(line.get_xdata(), [0, 0.5, 1])
    expected = [np.mean([setting_of(run, "crosslingual") for run in group.runs]) for group in alpha_case.groups]
    np.testing.assert_allclose(sorted(line.get_ydata()), sorted(expected))
    bias = [np.mean([run.metrics["toy"]["bias"]["rank_distance"] for run in group.runs]) for group in alpha_case.groups]
    np.testing.assert_allclose(sorted(drawn.canvas.axes[3].lines[0].get_ydata()), sorted(bias))
    assert not notes


def test_groups_without_the_setting_are_lines_of_their_own(tmp_path: Path):
    alphas(tmp_path)
    write(tmp_path, "monolingual", 1)
    case = case_of(compared(tmp_path))
    (found,) = varying(case.groups)
    assert found.key == "sampler.alpha"
    assert [list(family.members) for family in found.families] == [[0.0, 0.5, 1.0]]
    assert [group.label for group in found.without] == ["sampler=monolingual"]
    (drawn,), _ = sweep(case)
    level = [run.metrics["toy"]["settings"]["monolingual"]["mAP"] for run in found.without[0].runs]
    assert any(list(line.get_ydata()) == pytest.approx(level * 2) for line in drawn.canvas.axes[0].lines)


def test_of_groups_without_the_setting_those_that_are_no_lines_are_named(tmp_path: Path):
    alphas(tmp_path)
    for choice in ("a", "b", "c", "d"):
        write(tmp_path, choice, 1)
    _, notes = sweep(case_of(compared(tmp_path)))
    assert notes == ["Curve over sampler.alpha: 3 of the groups without it are lines; not sampler=d."]


def test_two_values_or_names_make_no_curve(tmp_path: Path, case: Case):
    assert varying(case.groups) == []
    assert varying(alphas(tmp_path, values=(0.0, 1.0)).groups) == []


def test_families_are_told_apart(tmp_path: Path):
    alphas(tmp_path)
    for alpha in (0.0, 0.5, 1.0):
        write(tmp_path, "partly", 1, sampler={"_target_": "partly", "alpha": alpha})
    (found,) = varying(compared(tmp_path).groups)
    assert [family.name for family in found.families] == ["_target_=hybrid", "_target_=partly"]


def test_settings_of_one_last_name_have_files_of_their_own(tmp_path: Path):
    for a, b in ((0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (0.0, 0.5), (0.0, 1.0)):
        write(tmp_path, "hybrid", 1, sampler={"_target_": "hybrid", "a": {"weight": a}, "b": {"weight": b}})
    drawn, _ = sweep(case_of(compared(tmp_path)))
    assert [each.name for each in drawn] == ["sweep-sampler-a-weight", "sweep-sampler-b-weight"]


def test_of_more_groups_than_learning_curves_have_room_for_the_first_are_drawn_and_the_others_named(tmp_path: Path):
    for number in range(MOST + 2):
        write(tmp_path, f"regime{number:02}", 1, sample=False, shares=False)
    groups = compared(tmp_path).groups
    (drawn,), notes = learning(groups, looks_of(group.label for group in groups))
    assert len(drawn.canvas.axes[0].lines) == MOST
    others = "; ".join(group.label for group in groups[MOST:])
    assert notes == [f"Learning curves: the first {MOST} of {MOST + 2} groups; not {others}."]


def test_whiskers_are_one_sample_standard_deviation_over_seeds(case: Case, alpha_case: Case):
    (trade,), _ = tradeoff(case)
    (swept,), _ = sweep(alpha_case)
    members = varying(alpha_case.groups)[0].families[0].members.values()
    for axis, groups in ((trade.canvas.axes[0], case.groups), (swept.canvas.axes[0], members)):
        for group, container in zip(groups, axis.containers, strict=True):
            values = [setting_of(run, "monolingual") for run in group.runs]
            (segment,) = container.lines[2][0].get_segments()
            assert np.ptp(segment, axis=0).max() == pytest.approx(2 * np.std(values, ddof=1))
