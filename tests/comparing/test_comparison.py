import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from src.comparing.comparing import compare_runs
from src.comparing.differences import compare_groups
from src.comparing.grouping import choose_baseline, group_runs
from src.comparing.interval import Bootstrap
from src.comparing.runs import find_runs
from src.errors import InputError

BOOTSTRAP = Bootstrap(resamples=300)
NOISE = np.random.default_rng(0).normal(0, 0.05, size=40)  # by concept, the same for both strategies


def rows_of(folder: Path):
    groups = group_runs(find_runs([folder])[0]).groups
    rows = compare_groups(groups, choose_baseline(groups, None), "toy", "mAP", BOOTSTRAP).rows
    return {(row.group, row.setting, row.metric): row for row in rows}


@pytest.fixture
def sweep(tmp_path: Path, evaluation, run_folder):
    """Two strategies: `gain(concept, query)` is what hybrid adds to monolingual in every setting."""

    def make(gain, seeds=((1, 2), (1, 2)), concepts: int = 40) -> Path:
        for choice, of_choice in zip(("hybrid", "monolingual"), seeds, strict=True):
            for seed in of_choice:

                def value(setting, concept, query, candidate, choice=choice, seed=seed):
                    return 0.5 + NOISE[concept] + 0.01 * seed + (gain(concept, query) if choice == "hybrid" else 0)

                run_folder(
                    tmp_path / choice / str(seed),
                    seed=seed,
                    sampler={"_target_": choice},
                    choice=choice,
                    evaluations=[evaluation(value, concepts=concepts)],
                )
        return tmp_path

    return make


def test_mean_spread_and_difference_by_hand(sweep):
    rows = rows_of(sweep(lambda concept, query: 0.1, seeds=((1, 2, 3), (1, 2, 3))))
    base = 0.5 + NOISE.mean()
    hybrid = rows["sampler=hybrid", "crosslingual", "mAP"]
    assert hybrid.spread.runs == 3
    assert hybrid.spread.mean == pytest.approx(base + 0.12)
    assert hybrid.spread.std == pytest.approx(0.01)
    assert (hybrid.spread.minimum, hybrid.spread.maximum) == pytest.approx((base + 0.11, base + 0.13))
    assert hybrid.against.difference == pytest.approx(0.1)
    assert (hybrid.against.low, hybrid.against.high) == pytest.approx((0.1, 0.1))  # every query gains the same
    assert (hybrid.against.wins, hybrid.against.languages, hybrid.against.paired_seeds) == (3, 3, 3)
    assert rows["sampler=monolingual", "crosslingual", "mAP"].against is None


def test_seeds_pair_where_they_match(sweep):
    row = rows_of(sweep(lambda concept, query: 0.1, seeds=((1, 2, 9), (1, 2))))["sampler=hybrid", "monolingual", "mAP"]
    assert row.spread.runs == 3
    assert (row.against.paired_seeds, row.against.difference) == (2, pytest.approx(0.1))


def test_the_best_mean_may_be_behind_on_the_seeds_in_common_and_is_said_to_be(sweep):
    """Of hybrid's three runs one is far ahead, and the baseline has none with its seed."""
    folder = sweep(lambda concept, query: -0.1 + NOISE[concept], seeds=((1, 2, 40), (1, 2)))
    comparison = compare_runs([folder], BOOTSTRAP)
    said = {each.setting: each.text for each in comparison.verdicts if each.group is None}
    assert said["crosslingual"].startswith("cross-lingual: hybrid < monolingual (-0.")
    assert said["bias"].startswith("rank distance: hybrid worse than monolingual (+")
    told = "Means are over all runs, differences from the baseline over seeds that both have: sampler=hybrid."
    assert told in comparison.notes
    for path in folder.rglob("per_query.parquet"):
        path.unlink()
    assert compare_runs([folder], BOOTSTRAP).verdicts[0].text.startswith("monolingual: hybrid untested, behind mono")


def test_without_a_common_seed_all_runs_are_compared(sweep):
    row = rows_of(sweep(lambda concept, query: 0.1, seeds=((3, 4), (1, 2))))["sampler=hybrid", "monolingual", "mAP"]
    assert (row.against.paired_seeds, row.against.difference) == (0, pytest.approx(0.12))
    assert (row.against.low, row.against.high, row.against.p_seeds) == (pytest.approx(0.12), pytest.approx(0.12), None)


def test_one_run_has_no_spread_and_still_an_interval_over_concepts(sweep):
    row = rows_of(sweep(lambda concept, query: 0.1 * (concept % 2), seeds=((1,), (1,))))[
        "sampler=hybrid", "multilingual", "mAP"
    ]
    assert row.spread.std is None
    assert row.against.low < 0.05 < row.against.high


def test_the_interval_is_over_concepts_and_not_over_their_translations(sweep):
    """All translations of a concept gain alike: the standard error is that of 40 concepts, not of 360 rows."""
    gains = np.random.default_rng(1).normal(0, 0.1, size=40)
    row = rows_of(sweep(lambda concept, query: gains[concept]))["sampler=hybrid", "crosslingual", "mAP"]
    assert row.against.difference == pytest.approx(gains.mean())
    expected = 2 * 1.96 * gains.std() / np.sqrt(40)
    assert row.against.high - row.against.low == pytest.approx(expected, rel=0.15)


def test_of_few_concepts_an_interval_is_said_to_be_too_narrow(sweep):
    comparison = compare_runs([sweep(lambda concept, query: 0.1, concepts=2)], BOOTSTRAP)
    assert "Of so few concepts intervals over them are too narrow, p is not: 2 on toy." in comparison.notes


def test_a_single_concept_has_no_interval_and_nothing_to_tell_from_chance(sweep):
    comparison = compare_runs([sweep(lambda concept, query: 0.1, concepts=1)], BOOTSTRAP)
    assert "No interval over a single concept: toy." in comparison.notes
    assert not any("too narrow" in note or "suite" in note for note in comparison.notes)
    against = next(row.against for row in comparison.rows if row.against)
    assert (against.difference, against.interval) == (pytest.approx(0.1), None)
    assert (against.p, against.p_seeds) == (1, None)
    table = next(each for each in comparison.tables if "difference" in each.headers)
    assert table.rows[1][2] == "–"


def test_wins_count_languages_and_a_lower_rank_distance_wins(sweep):
    rows = rows_of(sweep(lambda concept, query: {"ar": 0.1, "de": -0.1, "en": 0.1}[query]))
    assert rows["sampler=hybrid", "multilingual", "mAP"].against.wins == 2
    distance = rows["sampler=hybrid", "bias", "rank_distance"].against
    assert (distance.wins, distance.languages) == (2, 3)
    share = rows["sampler=hybrid", "bias", "same_language@10"].against
    assert (share.wins, share.languages, share.difference) == (None, None, 0)


def test_a_gap_between_languages_has_a_spread_and_no_interval(sweep):
    folder = sweep(lambda concept, query: 0.1)
    for path in folder.rglob("metrics.json"):
        metrics = json.loads(path.read_text())
        metrics["toy"]["bias"]["recall_gap@100"] = 0.2 if "hybrid" in str(path) else 0.3
        path.write_text(json.dumps(metrics))
    gap = rows_of(folder)["sampler=hybrid", "bias", "recall_gap@100"].against
    assert gap.difference == pytest.approx(-0.1)
    assert (gap.low, gap.high, gap.wins) == (None, None, None)


def test_what_the_baseline_never_measured_is_shown_and_not_compared(sweep):
    """Another version's measure of bias; and one of hybrid's runs has none of a metric."""
    folder = sweep(lambda concept, query: 0.1)
    for path in folder.rglob("metrics.json"):
        metrics = json.loads(path.read_text())
        if "hybrid" in str(path):
            metrics["toy"]["bias"]["PEER@100"] = 0.3
        metrics["toy"]["settings"]["monolingual"]["R@1"] = None if path.parts[-3:-1] == ("hybrid", "2") else 0.5
        path.write_text(json.dumps(metrics))
    comparison = compare_runs([folder], BOOTSTRAP)
    (peer,) = [row for row in comparison.rows if row.metric == "PEER@100"]
    assert (peer.group, peer.spread.mean, peer.against) == ("sampler=hybrid", pytest.approx(0.3), None)
    table = next(each for each in comparison.tables if "PEER@100" in each.headers)
    assert table.rows == [["sampler=monolingual", "2", "–"], ["sampler=hybrid", "2", "0.300 ± 0.000"]]
    assert (
        "No figure, as not every run has one: monolingual R@1 on toy of sampler=hybrid; "
        "bias PEER@100 on toy of sampler=monolingual." in comparison.notes
    )


def test_without_per_query_results_there_is_no_interval(sweep):
    folder = sweep(lambda concept, query: 0.1)
    (folder / "hybrid" / "1" / "per_query.parquet").unlink()
    against = rows_of(folder)["sampler=hybrid", "monolingual", "mAP"].against
    assert against.difference == pytest.approx(0.1)
    assert (against.low, against.high) == (None, None)


def test_the_average_of_a_suite_has_no_queries_and_so_no_interval(sweep):
    folder = sweep(lambda concept, query: 0.1)
    for path in folder.rglob("metrics.json"):
        metrics = json.loads(path.read_text())
        suite = {
            "name": "both",
            "members": {"toy": 0.5},
            "settings": {"average": metrics["toy"]["settings"]["monolingual"]},
        }
        path.write_text(json.dumps({**metrics, "both": {**metrics["toy"], "bias": {}, "by_language": {}, **suite}}))
    comparison = compare_runs([folder], BOOTSTRAP)
    row = next(row for row in comparison.rows if (row.benchmark, row.group) == ("both", "sampler=hybrid"))
    assert row.against.difference == pytest.approx(0.1)
    assert (row.against.low, row.against.high) == (None, None)
    assert (
        "No interval of a suite's average or of a gap between languages, nor where a run left no per_query.parquet."
        in comparison.notes
    )


def test_other_queries_under_the_same_name_are_refused(sweep, tmp_path: Path, evaluation, run_folder):
    folder = sweep(lambda concept, query: 0.1, seeds=((1,), (1, 2)))
    run_folder(
        folder / "hybrid" / "2",
        seed=2,
        sampler={"_target_": "hybrid"},
        choice="hybrid",
        evaluations=[evaluation(concepts=39)],
    )
    with pytest.raises(InputError, match="do not hold the same queries"):
        rows_of(folder)


def test_every_difference_is_tested_and_the_leading_metric_corrected(sweep):
    gains = np.random.default_rng(1).normal(0.1, 0.1, size=40)
    rows = rows_of(sweep(lambda concept, query: gains[concept], seeds=((1, 2, 3), (1, 2, 3))))
    against = rows["sampler=hybrid", "crosslingual", "mAP"].against
    assert against.effect == pytest.approx(gains.mean() / gains.std(ddof=1))
    assert max(against.p, against.p_bootstrap, against.p_seeds) < 0.01
    assert 1 < against.p_holm / max(against.p, against.p_seeds) <= 4  # three settings and a measure of bias
    assert 1 < against.p_holm_encoders / against.p <= 4
    assert against.low_seeds < against.low  # two degrees of freedom a seed
    assert against.interval == (against.low_seeds, against.high_seeds)
    assert rows["sampler=hybrid", "crosslingual", "R@1"].against.p is not None
    assert rows["sampler=hybrid", "crosslingual", "R@1"].against.p_holm is None
    assert rows["sampler=hybrid", "crosslingual", "R@1"].against.p_holm_encoders is None
    assert rows["sampler=hybrid", "bias", "rank_distance"].against.p_holm is not None
    assert rows["sampler=hybrid", "bias", "same_language@10"].against.p_holm is None


def test_of_one_seed_in_common_nothing_is_said_of_seeds(sweep):
    against = rows_of(sweep(lambda concept, query: 0.1 * (concept % 2), seeds=((1, 2), (2, 3))))[
        "sampler=hybrid", "monolingual", "mAP"
    ].against
    assert against.paired_seeds == 1
    assert (against.p_seeds, against.low_seeds, against.high_seeds) == (None, None, None)
    assert against.p < 0.001
    assert against.interval == (against.low, against.high)


def test_of_several_benchmarks_the_fewest_seeds_in_common_are_said(sweep):
    """On the first, hybrid was scored with other seeds than the baseline; on the second with the same."""
    folder = sweep(lambda concept, query: 0.1, seeds=((1, 2, 3), (1, 2, 3)))
    for path in folder.rglob("metrics.json"):
        metrics = json.loads(path.read_text())
        scored = (path.parts[-3] == "hybrid") == (path.parts[-2] == "1")
        path.write_text(json.dumps(({"few": metrics["toy"]} if scored else {}) | metrics))
    notes = compare_runs([folder], BOOTSTRAP).notes
    assert "No seed in common with the baseline, so runs are not paired: sampler=hybrid." in notes


def test_the_best_is_compared_with_every_other(sweep, evaluation, run_folder):
    folder = sweep(lambda concept, query: 0.1)
    for seed in (1, 2):

        def mixed(setting, concept, query, candidate, seed=seed):
            return 0.58 + NOISE[concept] + 0.01 * seed

        run_folder(
            folder / "mixed" / str(seed),
            seed=seed,
            sampler={"_target_": "mixed"},
            choice="mixed",
            evaluations=[evaluation(mixed, concepts=40)],
        )
    comparison = compare_runs([folder], BOOTSTRAP)
    assert not any("too narrow" in note for note in comparison.notes)
    # three pairs of groups, three settings and a measure of bias
    assert any("for all 12 comparisons of two groups" in note for note in comparison.notes)
    assert min(row.against.p for row in comparison.best) == 1 / (1 + 12 * 1001)  # draws enough for so many
    best = [row for row in comparison.best if (row.setting, row.metric) == ("multilingual", "mAP")]
    assert {(row.group, row.against.baseline) for row in best} == {
        ("sampler=hybrid", "sampler=mixed"),
        ("sampler=hybrid", "sampler=monolingual"),
    }
    assert {round(row.against.difference, 6) for row in best} == {0.02, 0.1}
    distance = [row for row in comparison.best if row.metric == "rank_distance"]
    assert {row.group for row in distance} == {"sampler=hybrid"}  # the shortest is best


def test_a_query_or_a_language_without_a_figure_is_left_out_and_nothing_fails(sweep):
    folder = sweep(lambda concept, query: 0.1)
    path = folder / "hybrid" / "2" / "per_query.parquet"
    table = pq.read_table(path)
    r1 = pa.array([None, *table.column("R@1").to_pylist()[1:]], pa.float64())
    pq.write_table(table.set_column(table.column_names.index("R@1"), "R@1", r1), path)
    metrics = json.loads(path.with_name("metrics.json").read_text())
    metrics["toy"]["by_language"]["crosslingual"]["de"]["mAP"] = None
    path.with_name("metrics.json").write_text(json.dumps(metrics))
    rows = rows_of(folder)
    untested = {key[1] for key, row in rows.items() if key[2] == "R@1" and row.against and row.against.p is None}
    assert untested == {table.column("setting")[0].as_py()}
    assert rows["sampler=hybrid", "crosslingual", "mAP"].against.languages == 2


def test_runs_that_left_no_queries_are_named(sweep):
    folder = sweep(lambda concept, query: 0.1)
    (folder / "hybrid" / "1" / "per_query.parquet").unlink()
    comparison = compare_runs([folder], BOOTSTRAP)
    assert any(
        note.startswith("No per_query.parquet, so no interval and no test:") and note.endswith("hybrid/1.")
        for note in comparison.notes
    )
    assert comparison.verdicts[0].text.startswith("monolingual: hybrid untested, ahead of monolingual (+0.100")
