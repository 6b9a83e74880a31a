"""What python -m src.compare leaves for readers elsewhere, as typed."""

from pathlib import Path

import pytest

from tests.command import type_in
from tests.publishing.conftest import MEANS, published_run, toy_run
from tests.publishing.test_latex import well_formed
from tests.publishing.test_page import Page


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outputs") / "sweep"
    for sampler in MEANS:
        for seed in (1, 2, 3):
            toy_run(folder / f"{sampler}-{seed}", sampler, seed)
    return folder


@pytest.mark.slow
def test_a_sweep_leaves_tables_figures_and_one_page(sweep: Path, tmp_path: Path):
    answer = type_in("src.compare", str(sweep), f"output={tmp_path}")
    assert answer.status == 0, answer.text
    assert answer.out.index("mean ± standard deviation") < answer.out.index("saved ──") < answer.out.index("next ──")
    assert "drawing figures" in answer.text
    for name in ("comparison.csv", "comparison.md", "comparison.tex", "comparison.html", "figures"):
        assert f" {tmp_path / name}\n" in answer.out
    assert f"python -m webbrowser {tmp_path / 'comparison.html'}" in answer.out
    assert f"python -m src.errors {sweep / 'monolingual-1'} {sweep / 'crosslingual-1'}" in answer.out
    well_formed((tmp_path / "comparison.tex").read_text(encoding="utf-8"))
    page = Page(tmp_path / "comparison.html")
    drawn = sorted((tmp_path / "figures").glob("*.svg"))
    assert len(drawn) >= 3
    assert sum(tag == "figure" for tag, _ in page.tags) == len(drawn) == len(list((tmp_path / "figures").glob("*.png")))
    ids = page.having("id")
    assert len(ids) == len(set(ids))
    assert all(value.startswith(("#", "data:image/")) for value in page.having("href") + page.having("xlink:href"))
    assert all(value.startswith("data:") for value in page.having("src"))
    assert not [tag for tag, _ in page.tags if tag in ("script", "link")]
    named = [
        attributes.get("aria-label") or attributes.get("alt") for tag, attributes in page.tags if tag in ("svg", "img")
    ]
    assert len(named) == len(drawn)
    assert all(named)
    assert all(f"sampler={sampler}" in page.text for sampler in MEANS)
    assert not (tmp_path / "published.csv").exists()


def test_figures_and_page_can_be_left_out(sweep: Path, tmp_path: Path):
    answer = type_in("src.compare", str(sweep), f"output={tmp_path / 'a'}", "figures=false")
    assert answer.status == 0, answer.text
    assert "drawing" not in answer.text
    assert not (tmp_path / "a" / "figures").exists()
    assert "Left out with figures=false." in Page(tmp_path / "a" / "comparison.html").text
    answer = type_in("src.compare", str(sweep), f"output={tmp_path / 'b'}", "figures=false", "page=false")
    assert answer.status == 0, answer.text
    assert not (tmp_path / "b" / "comparison.html").exists()
    assert "webbrowser" not in answer.out


def test_beside_published_figures(tmp_path: Path):
    for seed in (1, 2):
        published_run(tmp_path / str(seed), "hybrid", seed)
    answer = type_in("src.compare", str(tmp_path), "figures=false")
    assert answer.status == 0, answer.text
    line = next(line for line in answer.out.splitlines() if line.strip().startswith("cross-lingual mAP"))
    assert line.split()[2:7] == ["0.7153", "±", "0.0000", "0.7053", "+0.0100"]
    assert "temperature 0.05 here, not stated there." in answer.out
    assert max(map(len, answer.out.splitlines())) <= 80 or str(tmp_path) in max(answer.out.splitlines(), key=len)
    assert "| cross-lingual mAP |" in (tmp_path / "comparison.md").read_text().replace("&emsp;", "")
    assert len((tmp_path / "published.csv").read_text().splitlines()) > 48
    assert "0.7053" in Page(tmp_path / "comparison.html").text


def test_why_a_published_benchmark_has_no_partner(tmp_path: Path):
    published_run(tmp_path / "run", "hybrid", changes={"model": {"name": "tiny"}})
    answer = type_in("src.compare", str(tmp_path), "figures=false", "page=false")
    assert answer.status == 0, answer.text
    assert "has no figures of model=tiny (only xlmr, labse)" in answer.out.replace("\n", "").replace("   ", "")
    assert not (tmp_path / "published.csv").exists()
