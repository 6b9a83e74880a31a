from collections import Counter

import pytest

from src.publishing.papers import FOLDER, MEAN, Measured, papers, read_paper

PAPER = papers()[0]


def test_no_row_is_lost():
    lines = (FOLDER / "2408.10536.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 709
    assert sum(map(len, PAPER.figures.values())) == 708
    counts = Counter((of.model, of.sampler, of.benchmark) for of, by in PAPER.figures.items() for _ in by)
    assert set(counts) == {
        (model, sampler, benchmark)
        for model in ("xlmr", "labse")
        for sampler in ("monolingual", "crosslingual", "hybrid")
        for benchmark in ("xquad_r", "mlqa_r", "miracl")
    }
    assert {benchmark: counts["labse", "hybrid", benchmark] for benchmark in ("xquad_r", "mlqa_r", "miracl")} == {
        "xquad_r": 51,
        "mlqa_r": 35,
        "miracl": 32,
    }


def test_the_averages_are_those_that_the_paper_prints():
    checked = 0
    for of, by_language in PAPER.figures.items():
        languages = [value for code, value in by_language.items() if code != MEAN]
        if languages:
            digits = 0.051 if of.metric == "rank_distance" else 0.000051  # half of the last printed digit
            assert sum(languages) / len(languages) == pytest.approx(by_language[MEAN], abs=2 * digits), of
            checked += 1
    assert checked == 6 * (4 + 4 + 2)


def test_what_the_abstract_table_says():
    """Table 1 of arXiv 2408.10536, XLM-R and LaBSE on XQuAD-R, mAP."""
    means = {of: by[MEAN] for of, by in PAPER.figures.items() if of.metric == "mAP" and of.benchmark == "xquad_r"}
    table = {
        ("xlmr", "monolingual"): (0.7918, 0.6737, 0.5479),
        ("xlmr", "hybrid"): (0.7977, 0.7053, 0.5927),
        ("labse", "crosslingual"): (0.8008, 0.7618, 0.6791),
    }
    for (model, sampler), expected in table.items():
        found = [
            means[Measured(model, sampler, "xquad_r", "mAP", s)]
            for s in ("monolingual", "crosslingual", "multilingual")
        ]
        assert tuple(found) == expected


def test_languages():
    assert {name: len(PAPER.languages(name)) for name in PAPER.values("benchmark")} == {
        "xquad_r": 11,
        "mlqa_r": 7,
        "miracl": 15,
    }


def test_another_paper_is_two_files(tmp_path):
    (tmp_path / "x.csv").write_text(
        "model,sampler,benchmark,metric,setting,language,value\nm,s,b,mAP,monolingual,en,0.5\n"
    )
    (tmp_path / "x.toml").write_text(
        'source="X"\nauthors="A"\ntitle="T"\nurl="u"\nreading="r"\nfigures="x.csv"\n'
        '[settings]\n"batch size" = {key = "batch_size", is = "8"}\nsteps = {key = "training.steps"}\n'
    )
    paper = read_paper(tmp_path / "x.toml")
    assert paper.figures == {Measured("m", "s", "b", "mAP", "monolingual"): {"en": 0.5}}
    assert paper.settings["batch size"].published == "8"
    assert paper.settings["steps"].published is None
