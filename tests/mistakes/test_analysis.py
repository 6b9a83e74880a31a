"""Runs with planted mistakes: each is found, with its kind and what stands before the right answers."""

import csv

import numpy as np
import pytest
import torch

from src.errors import InputError
from src.evaluation.encoding import Encoding
from src.mistakes.analysis import Analysis, analyse
from src.mistakes.cases import OTHER_RIGHT, OTHER_WRONG, OWN_WRONG, RIGHT, value_of
from src.mistakes.pair import find_pair
from src.mistakes.rankings import Ranking, View
from src.reporting.folder import read_config, write_config
from src.reporting.mistakes import grids, write_csv, write_markdown
from tests.mistakes.planted import answers, benchmark, perfect, write_run, wrong

HOW = {"queries": 10, "candidates": 2, "encoding": Encoding(), "device": torch.device("cpu")}


@pytest.fixture(scope="module")
def loaded():
    return benchmark()


@pytest.fixture(scope="module")
def folders(loaded, tmp_path_factory):
    """B errs on five German questions, A on one English."""
    root = tmp_path_factory.mktemp("planted")
    a, b = perfect(loaded), perfect(loaded)
    for place, language in enumerate(("de", "en")):
        b[place, wrong(loaded, language, 0)] = 2.0
        b[place, wrong(loaded, "de", 1)] = 1.5
    b[2, answers(loaded, 2)["en"]] = 2.0  # right, but not in German,
    b[2, wrong(loaded, "en", 0)] = 1.5  # and this before the German one
    b[3, wrong(loaded, "en", 0)] = 0.95  # between the right ones
    b[4, answers(loaded, 4)["de"]] = 0  # first, and then nowhere: many tie with it
    b[4, answers(loaded, 4)["en"]] = 0
    english = len(loaded.queries) - 1
    a[english, wrong(loaded, "en", 2)] = 3.0
    return [
        write_run(root / name, loaded, scores, seed=seed)
        for seed, (name, scores) in enumerate({"a": a, "b": b}.items())
    ]


@pytest.fixture(scope="module")
def found(folders) -> Analysis:
    return analyse(find_pair(folders, None, None, None), **HOW)


def test_every_planted_mistake_is_found_with_its_kind(found, loaded):
    kinds = {(case.winner, found.benchmark.queries.ids[case.view.query]): case.kind for case in found.cases}
    ids = loaded.queries.ids
    assert kinds == {
        (0, ids[0]): OWN_WRONG,
        (0, ids[1]): OTHER_WRONG,
        (0, ids[2]): OTHER_RIGHT,
        (0, ids[3]): RIGHT,
        (0, ids[4]): kinds[0, ids[4]],  # whichever of the tied ones comes first
        (1, ids[-1]): OWN_WRONG,
    }
    lost = [case.values[0] - case.values[1] for case in found.won(0)]
    assert lost == sorted(lost, reverse=True)
    assert found.notes == []


def test_the_ranks_and_what_confuses_are_the_planted_ones(found, loaded):
    cases = {found.benchmark.queries.ids[case.view.query]: case for case in found.won(0)}
    first = cases[loaded.queries.ids[0]]
    right = {loaded.languages[loaded.candidates.language[each.candidate]]: each for each in first.right}
    assert right["de"].rank == (1, 3)
    assert right["en"].rank == (2, 4)
    assert right["en"].score == pytest.approx((0.9, 0.9))
    assert [(each.candidate, each.rank[1], each.score[1]) for each in first.confusing] == [
        (wrong(loaded, "de", 0), 1, 2.0),
        (wrong(loaded, "de", 1), 2, 1.5),
    ]
    assert first.values == pytest.approx((1.0, (1 / 3 + 2 / 4) / 2))
    third = cases[loaded.queries.ids[2]]
    assert [(each.candidate, each.rank[1]) for each in third.confusing] == [(wrong(loaded, "en", 0), 2)]
    last = cases[loaded.queries.ids[3]]
    assert [(each.candidate, each.rank[1]) for each in last.confusing] == [(wrong(loaded, "en", 0), 2)]
    lowest = cases[loaded.queries.ids[4]]
    assert [each.rank for each in lowest.right] == [(1, None), (2, None)]  # below the 20 of the run file
    assert len(lowest.confusing) == 2


def test_a_pool_of_one_language_is_a_query_of_its_own(folders, loaded):
    found = analyse(find_pair(folders, None, "crosslingual", "R@1"), **HOW)
    told = [(case.winner, found.benchmark.queries.ids[case.view.query], case.view.pool) for case in found.cases]
    ids = loaded.queries.ids
    assert (0, ids[1], "en") in told  # the wrong English text stands before the English answer only
    assert (0, ids[0], "en") not in told
    (case,) = (case for case in found.won(0) if found.benchmark.queries.ids[case.view.query] == ids[1])
    assert [each.rank for each in case.right] == [(1, 2)]
    assert case.kind == OTHER_WRONG


def test_the_tables_count_what_was_planted(found, loaded, tmp_path):
    wins, kinds, by_language = grids(found)
    assert wins.title == f"{loaded.name} · multilingual · mAP"
    rows = {row[0]: row[1:5] for row in wins.rows}
    asked = len(loaded.queries) // 2
    assert rows == {
        "de": [str(asked), "5", "0", str(asked - 5)],
        "en": [str(asked), "0", "1", str(asked - 1)],
        "all": [str(2 * asked), "5", "1", str(2 * asked - 6)],
    }
    assert kinds.headers == ["first in the run that loses", "A wins 5", "B wins 1"]
    assert [row[2] for row in kinds.rows] == ["1 (100 %)", "0 (0 %)", "0 (0 %)", "0 (0 %)"]
    assert [row[0] for row in by_language.rows] == ["de, A wins", "en, B wins"]

    with write_csv(tmp_path / "errors.csv", found).open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert sum(line["right"] == "yes" for line in lines) == 6 * 2
    mine = [line for line in lines if line["query"] == loaded.queries.ids[0] and line["right"] == "no"]
    assert [(line["B_rank"], line["B_score"], line["stands_first"]) for line in mine] == [
        ("1", "2.0", OWN_WRONG),
        ("2", "1.5", OWN_WRONG),
    ]
    assert mine[0]["text"] == loaded.candidates.texts[wrong(loaded, "de", 0)]
    page = write_markdown(tmp_path / "errors.md", found, listed=1).read_text()
    assert "- **A**: alpha=0.0" in page
    assert page.count("| language and text |") == 2
    assert page.index("## A wins") < page.index("## B wins")


def test_an_encoder_that_gives_other_figures_is_refused(folders, loaded, tmp_path):
    other = write_run(tmp_path / "other", loaded, perfect(loaded)[::-1].copy(), seed=7)
    (other / "run.trec").write_bytes((folders[0] / "run.trec").read_bytes())
    with pytest.raises(InputError, match="queries score otherwise than recorded"):
        analyse(find_pair([folders[1], other], None, None, None), **HOW)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"languages": ["en", "de"]}, "is not what was scored"),
        ({"split": "train"}, "is not what was scored"),
        ({"_target_": "os.system"}, "names code that does not belong there: os.system"),
    ],
)
def test_a_benchmark_that_is_another_now_is_refused(folders, loaded, tmp_path, change, told):
    folder = write_run(tmp_path / "run", loaded, perfect(loaded), seed=3)
    config = read_config(folder)
    write_config(folder, {**config, "benchmark": {**config["benchmark"], **change}})
    with pytest.raises(InputError, match=told):
        analyse(find_pair([folder, folders[1]], None, None, None), **HOW)


def test_other_content_under_the_same_name_is_refused(loaded, tmp_path):
    runs = [write_run(tmp_path / name, loaded, perfect(loaded), seed=3) for name in ("one", "two")]
    for run in runs:
        file = run / "metrics.json"
        file.write_text(file.read_text().replace(loaded.fingerprint, "f" * 64))
    with pytest.raises(InputError, match=f"fingerprint ffffffffffff, and now fingerprint {loaded.fingerprint[:12]}"):
        analyse(find_pair(runs, None, None, None), **HOW)


def test_what_cannot_be_compared_is_told(folders, loaded, tmp_path):
    for asked, told in (
        ((folders[:1], None, None, None), "here is one"),
        (([], None, None, None), "No folder"),
        (([folders[0], folders[0]], None, None, None), "here is one"),
        ((folders, "other", None, None), r"No benchmark_name 'other' in both runs"),
        ((folders, None, "all", None), "one of monolingual, crosslingual, multilingual"),
        ((folders, None, None, "queries"), "No metric 'queries'"),
    ):
        with pytest.raises(InputError, match=told):
            find_pair(*asked)
    assert find_pair([folders[0].parent], None, None, None).labels == ("alpha=0.0", "alpha=0.1")
    same = write_run(tmp_path / "same", loaded, perfect(loaded), seed=5)
    again = write_run(tmp_path / "again", loaded, perfect(loaded), seed=5)
    pair = find_pair([same, again], None, None, None)
    assert pair.labels == ("same", "again")
    with pytest.raises(InputError, match="mAP is the same in both runs for each of 608 queries"):
        analyse(pair, **HOW)
    with pytest.raises(InputError, match="reads no folder"):
        analyse(find_pair(folders, None, None, None), **HOW, folder="x")
    (again / "per_query.parquet").unlink()
    with pytest.raises(InputError, match=r"left no per_query\.parquet"):
        analyse(pair, **HOW)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("q Q0 d 1 0.5", "expected 6 columns"),
        ("{} Q0 {} 1 much x", "'much' is not a number"),
        ("{} Q0 nil 1 2 x", "nil"),
    ],
)
def test_a_broken_run_file_is_named(folders, loaded, tmp_path, line, told):
    broken = write_run(tmp_path / "broken", loaded, perfect(loaded), seed=9)
    (broken / "run.trec").write_text(line.format(loaded.queries.ids[0], loaded.candidates.ids[0]) + "\n")
    with pytest.raises(InputError, match=told):
        analyse(find_pair([folders[1], broken], None, None, None), **HOW)
    assert np.isfinite(analyse(find_pair(folders, None, None, None), **HOW).differences.values).all()


def test_a_short_ranking_says_between_what_a_metric_lies(loaded):
    """One right text first, the other below the two that are known, so at best third."""
    own, wrongs = answers(loaded, 0)["de"], wrong(loaded, "de", 5)
    ranking, view = Ranking(np.array([own, wrongs]), np.array([2, 1], np.float32)), View(0, "*")
    assert value_of(loaded, view, ranking, "mAP") == (pytest.approx(1 / 2), pytest.approx(1 / 2 + 1 / 3))
    assert value_of(loaded, view, ranking, "R@2") == (pytest.approx(1 / 2), pytest.approx(1 / 2))
    assert value_of(loaded, view, ranking, "R@3") is None
