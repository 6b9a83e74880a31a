import csv
from pathlib import Path

import pytest

from src.publishing.papers import MEAN, papers, read_paper
from src.publishing.side_by_side import side_by_side
from src.publishing.side_tables import language_tables, legend, mean_tables, write_beside
from src.reporting.folder import read_json, write_json
from tests.publishing.conftest import compared, published_run, toy_run

ALWAYS = {"training data", "steps", "temperature", "pooling", "encoder"}  # in no public run the same or known


def test_every_language_and_average_stands_beside_the_published_one(tmp_path: Path):
    for sampler in ("monolingual", "crosslingual", "hybrid"):
        published_run(tmp_path / sampler, sampler)
    found = side_by_side(compared(tmp_path))
    scores = [row for row in found.rows if row.of.metric == "mAP"]
    assert len(scores) == 3 * 3 * 12  # strategies, settings, languages and their mean
    assert {row.of.model for row in found.rows} == {"xlmr"}
    assert all(row.difference == pytest.approx(0.01, abs=1e-4) for row in scores)
    assert {row.of.metric for row in found.rows} == {"mAP", "R@1", "R@10", "rank_distance"}
    published = {(row.of.sampler, row.of.setting): row.published for row in scores if row.language == MEAN}
    assert published["hybrid", "crosslingual"] == 0.7053
    assert found.notes == [f"{papers()[0].source}: {papers()[0].authors}. {papers()[0].reading}"]


def test_what_differs_is_on_each_row(tmp_path: Path):
    published_run(tmp_path / "a", "hybrid")
    published_run(tmp_path / "b", "crosslingual", changes={"batch_size": 64, "optimizer": {"lr": 2e-5}})
    rows = side_by_side(compared(tmp_path)).rows
    differing = {row.of.sampler: {each.setting for each in row.apart} for row in rows}
    assert differing["hybrid"] == ALWAYS
    assert differing["crosslingual"] == ALWAYS | {"batch size", "learning rate"}  # alpha is of hybrid alone
    told = {each.setting: each.told for row in rows for each in row.apart}
    assert told["batch size"] == "batch size: 64 here, 100 there"
    assert told["learning rate"] == "learning rate: 2e-05 here, 3e-05 there"
    assert told["steps"] == "steps: 100 here, not stated there"
    assert told["pooling"] == "pooling: not recorded here, not stated there"


@pytest.mark.parametrize(
    ("changes", "of", "told"),
    [
        ({"model": {"name": "tiny"}}, {}, "model=tiny (only xlmr, labse)"),
        ({}, {"choices": {"sampler": "mixed"}}, "sampler=mixed (only monolingual, crosslingual, hybrid)"),
        ({}, {"languages": ("ar", "de")}, "xquad_r in 2 languages (only in 11: ar de el en es hi ru th tr vi zh)"),
    ],
)
def test_nothing_is_shown_where_nothing_matches(tmp_path: Path, changes: dict, of: dict, told: str):
    published_run(tmp_path / "run", "hybrid", changes=changes, **of)
    found = side_by_side(compared(tmp_path))
    assert found.rows == []
    assert found.notes == [f"arXiv 2408.10536 has no figures of {told}."]


def test_what_an_approximate_search_found_has_no_partner(tmp_path: Path):
    run = published_run(tmp_path / "run", "hybrid")
    metrics = read_json(run / "metrics.json")
    for index, partners in (("Flat", True), ("HNSW32", False)):
        metrics["xquad_r"]["search"] = {"name": "faiss", "factory": index}
        write_json(run / "metrics.json", metrics)
        found = side_by_side(compared(tmp_path))
        assert bool(found.rows) == partners
    assert found.notes == ["arXiv 2408.10536 has no figures of xquad_r by an approximate search (HNSW32)."]


def test_a_setting_in_which_a_groups_runs_differ_is_told_of_all(tmp_path: Path):
    published_run(tmp_path / "a", "hybrid", 1)
    published_run(tmp_path / "b", "hybrid", 2, changes={"batch_size": 64})
    rows = side_by_side(compared(tmp_path, ignore=["batch_size"])).rows
    told = {each.setting: each.told for each in rows[0].apart}
    assert told["batch size"] == "batch size: 100 or 64 here, 100 there"


def test_a_group_of_two_models_has_no_partner(tmp_path: Path):
    published_run(tmp_path / "a", "hybrid", 1)
    published_run(tmp_path / "b", "hybrid", 2, changes={"model": {"name": "labse"}})
    found = side_by_side(compared(tmp_path, ignore=["model"]))
    assert found.rows == []
    assert found.notes == ["arXiv 2408.10536 has no figures of model=xlmr or labse (only xlmr, labse)."]


def test_a_group_one_of_whose_runs_was_searched_approximately_has_no_partner(tmp_path: Path):
    published_run(tmp_path / "a", "hybrid", 1)
    run = published_run(tmp_path / "b", "hybrid", 2)
    metrics = read_json(run / "metrics.json")
    metrics["xquad_r"]["search"] = {"name": "faiss", "factory": "HNSW32"}
    write_json(run / "metrics.json", metrics)
    assert side_by_side(compared(tmp_path)).rows == []


def test_another_benchmark_has_no_partner(tmp_path: Path):
    run = toy_run(tmp_path / "run", "hybrid", 1)
    (run / "config.yaml").write_text((run / "config.yaml").read_text() + "model: {name: xlmr}\n")
    assert side_by_side(compared(tmp_path)).notes == [
        "arXiv 2408.10536 has no figures of toy (only xquad_r, mlqa_r, miracl)."
    ]


def test_spread_over_seeds_and_the_tables(tmp_path: Path):
    for seed, gain in ((1, 0.01), (2, 0.03)):
        published_run(tmp_path / str(seed), "hybrid", seed, gain=gain)
    rows = side_by_side(compared(tmp_path)).rows
    means = mean_tables(rows)[0]
    line = next(line for line in means.rows if line[0] == "  cross-lingual mAP")
    assert line[1:4] == ["0.7253 ± 0.0141", "0.7053", "+0.0200"]
    assert len(line[4]) == len(ALWAYS)
    letters = {told[0]: told[3:] for told in legend(rows)}
    assert set(line[4]) <= set(letters)
    assert "steps 100 here, not stated there." in letters.values()
    table = language_tables(rows)[0]
    assert len(table.rows) == 11
    assert table.headers[:4] == ["language", "monolingual, ours", "published", "difference"]
    greek = next(line for line in table.rows if line[0] == "el")
    published = next(row.published for row in rows if (row.language, row.of.setting) == ("el", "monolingual"))
    assert greek[2] == f"{published:.4f}"


def test_the_csv_holds_all_rows_in_full(tmp_path: Path):
    published_run(tmp_path / "run", "hybrid")
    rows = side_by_side(compared(tmp_path)).rows
    with write_beside(tmp_path / "published.csv", rows).open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(rows)
    first = lines[0]
    assert float(first["mean"]) - float(first["published"]) == pytest.approx(float(first["difference"]))
    assert "steps: 100 here, not stated there" in first["apart"]


def test_of_more_languages_than_published_only_single_ones_alone_in_their_pools_have_partners(tmp_path: Path):
    published_run(tmp_path / "run", "hybrid")
    comparison = compared(tmp_path)
    head = "model,sampler,benchmark,metric,setting,language,value\n"
    alone = "".join(f"xlmr,hybrid,xquad_r,mAP,monolingual,{language},0.5\n" for language in ("de", "en", MEAN))
    across = "xlmr,hybrid,xquad_r,mAP,crosslingual,de,0.4\n"
    (tmp_path / "x.toml").write_text(
        'source="X"\nauthors="A"\ntitle="T"\nurl="u"\nreading="r"\nfigures="x.csv"\n[settings]\n'
    )
    for figures, partners in ((alone, ["de", "en"]), (alone + across, [])):
        (tmp_path / "x.csv").write_text(head + figures)
        found = side_by_side(comparison, [read_paper(tmp_path / "x.toml")])
        assert [row.language for row in found.rows] == partners
    assert found.notes == ["X has no figures of xquad_r in 11 languages (only in 2: de en)."]
