import json
from pathlib import Path

import numpy as np
import pytest

from src.comparing.encoders import join
from src.comparing.interval import Bootstrap
from src.comparing.runs import find_runs
from src.errors import InputError
from src.shifting.shift import DROP, INSIDE, OUTSIDE, RESULT, WORST, relative_drop
from src.shifting.shifting import Asked, Shift, report_shift
from tests.reporting.test_trained import evaluate, train
from tests.written_runs import make_evaluation, make_run

BOOTSTRAP = Bootstrap(resamples=400)
HOME = {"wiki": 0.8, "shop": 0.6, "news": 0.4}
LANGUAGES = ("ar", "de", "en")


def run(
    folder: Path, choice: str, seed: int, results: dict[str, float], languages: dict | None = None, noise=None
) -> Path:
    """A run whose result on each domain is given, in all settings and languages alike, plus 0.01 for each seed."""

    def of(score):
        return lambda _, concept, *__: score + 0.01 * (seed - 2) + (0 if noise is None else noise[concept])

    scored = [
        make_evaluation(of(score), name=name, languages=(languages or {}).get(name, LANGUAGES), concepts=40)
        for name, score in results.items()
    ]
    sampler = {"_target_": choice}
    return make_run(folder / f"{choice}-{seed}", seed=seed, sampler=sampler, choice=choice, evaluations=scored)


def report(folder: Path, **asked) -> Shift:
    return report_shift([folder], BOOTSTRAP, Asked(**{"in_domain": ["wiki"], **asked}))


def figures(shift: Shift, group: str = "the usual", setting: str = "monolingual") -> dict:
    return {(f.measure, f.of): f for f in shift.figures if (f.group, f.setting) == (group, setting)}


def test_means_worst_domain_and_drop_by_hand(tmp_path: Path):
    for seed in (1, 2, 3):
        run(tmp_path, "hybrid", seed, HOME)
        run(tmp_path, "mixed", seed, {"wiki": 0.5, "shop": 0.5, "news": 0.6})
    shift = report(tmp_path)
    hybrid, mixed = (figures(shift, f"sampler={choice}") for choice in ("hybrid", "mixed"))
    assert [hybrid[RESULT, name].spread.mean for name in HOME] == pytest.approx([0.8, 0.6, 0.4])
    assert hybrid[INSIDE, ""].spread.mean == pytest.approx(0.8)
    assert (hybrid[OUTSIDE, ""].spread.mean, hybrid[OUTSIDE, ""].spread.std) == pytest.approx((0.5, 0.01))
    assert hybrid[OUTSIDE, ""].over == "shop, news"
    assert hybrid[WORST, "news"].spread.mean == pytest.approx(0.4)
    drops = [0.3 / 0.79, 0.3 / 0.8, 0.3 / 0.81]
    assert hybrid[DROP, ""].spread.mean == pytest.approx(np.mean(drops))
    assert hybrid[DROP, ""].spread.std == pytest.approx(np.std(drops, ddof=1))
    assert hybrid[DROP, "news"].spread.mean == pytest.approx(np.mean([0.4 / 0.79, 0.4 / 0.8, 0.4 / 0.81]))
    assert mixed[DROP, ""].spread.mean < 0
    assert (WORST, "wiki") in mixed  # or shop, which is as bad: the first counts
    assert {figure.setting for figure in shift.figures} == {"monolingual", "crosslingual", "multilingual"}


def test_one_seed_has_no_spread_and_several_in_domain_ones_count_alike(tmp_path: Path):
    run(tmp_path, "hybrid", 2, HOME)
    found = figures(report(tmp_path, in_domain=["wiki", "shop"], setting="crosslingual"), setting="crosslingual")
    assert (found[INSIDE, ""].spread.mean, found[INSIDE, ""].spread.std) == (pytest.approx(0.7), None)
    assert found[DROP, ""].spread.mean == pytest.approx(0.3 / 0.7)


def test_the_interval_resamples_concepts_in_each_domain(tmp_path: Path):
    """Var(out/in) by the delta method, where both have the same noise by concept but are drawn on their own."""
    noise = np.random.default_rng(0).normal(0, 0.1, size=40)
    noise -= noise.mean()
    run(tmp_path, "hybrid", 2, {"wiki": 0.8, "shop": 0.4}, noise=noise)
    drop = figures(report(tmp_path))[DROP, ""]
    error = noise.std() / np.sqrt(40) * np.sqrt(1 / 0.8**2 + 0.4**2 / 0.8**4)
    assert drop.spread.mean == pytest.approx(0.5)
    assert drop.low < 0.5 < drop.high
    assert drop.high - drop.low == pytest.approx(2 * 1.96 * error, rel=0.2)


def test_without_results_by_query_there_is_no_interval_and_it_is_said(tmp_path: Path):
    (run(tmp_path, "hybrid", 1, HOME) / "per_query.parquet").unlink()
    shift = report(tmp_path)
    assert figures(shift)[DROP, ""].low is None
    assert "No interval where a run left no per_query.parquet." in shift.notes


def test_nothing_found_in_domain_leaves_no_drop(tmp_path: Path):
    run(tmp_path, "hybrid", 2, {"wiki": 0.0, "shop": 0.4})
    shift = report(tmp_path)
    assert (DROP, "") not in figures(shift)
    assert next(table for table in shift.tables if "relative drop" in table.title).rows[0][1:] == ["–", "–"]
    assert np.isnan(relative_drop(np.array([0.0]), np.array([0.1]))).all()


def test_evaluations_of_one_encoder_are_joined_with_its_training_run(tmp_path: Path):
    """The training run scored itself on toy; two evaluations scored it on shop and news."""
    for choice in ("hybrid", "monolingual"):
        for seed in (1, 2):
            trained = train(tmp_path, choice, seed)
            evaluate(tmp_path / f"{choice}{seed}-shop", trained, "shop", score=0.4)
            evaluate(tmp_path / f"{choice}{seed}-news", trained / "encoder", "news", score=0.1 * seed)
    shift = report(tmp_path, in_domain=["toy"])
    for choice in ("hybrid", "monolingual"):
        found = figures(shift, f"sampler={choice}")
        assert found[OUTSIDE, ""].spread.runs == 2
        assert [found[RESULT, name].spread.mean for name in ("toy", "shop", "news")] == pytest.approx([0.5, 0.4, 0.15])
        assert found[DROP, ""].low is not None


def test_of_two_evaluations_the_later_counts_and_untrained_encoders_are_joined_too(tmp_path: Path):
    trained = train(tmp_path, "hybrid", 1)
    for start, score in (("1", 0.1), ("2", 0.3)):
        folder = evaluate(tmp_path / start, trained, "shop", score=score)
        record = json.loads((folder / "record.json").read_text())
        (folder / "record.json").write_text(json.dumps({**record, "start": start}))
    shift = report(tmp_path, in_domain=["toy"])
    assert figures(shift)[RESULT, "shop"].spread.mean == pytest.approx(0.3)
    assert f"Left out, a later run scored the same: {tmp_path / '1'}." in shift.notes
    for name in ("shop", "news"):
        evaluate(tmp_path / "gone" / name, "gone", name)
    (encoder,) = join(find_runs([tmp_path / "gone"])[0])
    assert set(encoder.metrics) == {"shop", "news"}


def test_a_suites_average_is_no_domain_and_incomplete_runs_are_left_out(tmp_path: Path):
    folder = run(tmp_path, "hybrid", 1, HOME)
    metrics = json.loads((folder / "metrics.json").read_text())
    suite = {**metrics["wiki"], "name": "all", "members": dict.fromkeys(HOME, 0.5), "by_language": {}}
    (folder / "metrics.json").write_text(json.dumps({**metrics, "all": suite}))
    half = run(tmp_path, "mixed", 1, {"wiki": 0.5})
    shift = report(tmp_path)
    assert {figure.of for figure in shift.figures if figure.measure == RESULT} == set(HOME)
    assert f"Left out, not scored on shop, news: {half}." in shift.notes


def test_domains_that_are_named_are_the_only_ones(tmp_path: Path):
    run(tmp_path, "hybrid", 2, HOME)
    assert figures(report(tmp_path, domains=["wi", "shop"]))[OUTSIDE, ""].spread.mean == pytest.approx(0.6)


def test_in_domain_is_known_from_the_data(tmp_path: Path):
    folder = run(tmp_path, "hybrid", 2, {"wiki[de,en]": 0.8, "shop": 0.6})
    record = json.loads((folder / "record.json").read_text())
    (folder / "record.json").write_text(json.dumps({**record, "data": {**record["data"], "name": "wiki"}}))
    shift = report(tmp_path, in_domain=[])
    assert "In-domain: wiki[de,en] (the data that all were trained on). Out-of-domain: shop." in shift.notes


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"in_domain": []}, "in_domain=..., one or more of wiki, shop, news"),
        ({"in_domain": ["moon"]}, "No domain is called 'moon'"),
        ({"in_domain": ["s"]}, "More than one domain is called 's'"),
        ({"in_domain": list(HOME)}, "No domain is left"),
        ({"domains": ["wiki"]}, "Only one domain"),
        ({"metric": "MRR"}, "The metric 'MRR' is not shared by all domains"),
        ({"setting": "zero"}, "The setting 'zero' is not shared"),
        ({"language": "sw"}, "one of ar, de, en"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, asked: dict, told: str):
    run(tmp_path, "hybrid", 1, HOME)
    with pytest.raises(InputError, match=told):
        report(tmp_path, **asked)


def rewrite(folder: Path, change) -> None:
    metrics = json.loads((folder / "metrics.json").read_text())
    change(metrics)
    (folder / "metrics.json").write_text(json.dumps(metrics))


def test_the_metric_is_the_first_that_all_share(tmp_path: Path):
    folder = run(tmp_path, "hybrid", 1, HOME)
    rewrite(folder, lambda metrics: [each.pop("mAP") for each in metrics["shop"]["settings"].values()])
    assert {figure.metric for figure in report(tmp_path).figures} == {"R@1"}
    rewrite(
        folder, lambda metrics: [(each.pop("R@1"), each.pop("R@10")) for each in metrics["shop"]["settings"].values()]
    )
    with pytest.raises(InputError, match="No metric is shared by all domains"):
        report(tmp_path)


def test_no_shared_setting_is_told(tmp_path: Path):
    folder = run(tmp_path, "hybrid", 1, {"wiki": 0.5, "shop": 0.4})
    rewrite(folder, lambda metrics: [metrics["wiki"]["settings"].pop(name) for name in ("monolingual", "crosslingual")])
    rewrite(folder, lambda metrics: metrics["shop"]["settings"].pop("multilingual"))
    with pytest.raises(InputError, match="No setting is shared by all domains"):
        report(tmp_path)


def test_no_run_on_all_domains_and_other_content_under_one_name_are_refused(tmp_path: Path):
    folder = run(tmp_path, "hybrid", 1, {"wiki": 0.5})
    run(tmp_path, "mixed", 1, {"shop": 0.4})
    with pytest.raises(InputError, match="No encoder is scored on all domains"):
        report(tmp_path)
    run(tmp_path, "mixed", 2, {"wiki": 0.5, "shop": 0.4})
    rewrite(folder, lambda metrics: metrics["wiki"].update(fingerprint="other"))
    with pytest.raises(InputError, match="differ in content"):
        report(tmp_path)
