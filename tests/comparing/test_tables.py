import csv
import io
from pathlib import Path

from rich.console import Console

from src.comparing.comparison import Against, Row, Spread
from src.comparing.tables import Grid, grids, write_csv, write_markdown

AGAINST = Against("sampler=monolingual", 0.0312, 0.024, 0.0381, paired_seeds=3, wins=11, languages=11, p_holm=0.0319)
DISTANCE = Against("sampler=monolingual", -1234.56, None, None, paired_seeds=0, wins=None, languages=None)
ROWS = [
    Row("toy", "sampler=monolingual", "crosslingual", "mAP", Spread(3, 0.1, 0.0123, 0.09, 0.11), None),
    Row("toy", "sampler=monolingual", "crosslingual", "R@1", Spread(3, 0.2, 0.0123, 0.19, 0.21), None),
    Row("toy", "sampler=monolingual", "bias", "rank_distance", Spread(3, 5678.94, 12.3, 5670, 5690), None),
    Row("toy", "a|b", "crosslingual", "mAP", Spread(1, 0.1312, None, 0.1312, 0.1312), AGAINST),
    Row("toy", "a|b", "bias", "rank_distance", Spread(1, 4444.38, None, 4444.38, 4444.38), DISTANCE),
]


def test_the_tables_of_one_benchmark():
    spread, bias, difference = grids(ROWS, "mAP", 0.95)
    assert spread.headers == ["group", "runs", "cross-lingual"]
    assert spread.rows == [["sampler=monolingual", "3", "0.100 ± 0.012"], ["a|b", "1", "0.131"]]
    assert bias.headers == ["group", "runs", "rank distance"]
    assert bias.rows[0] == ["sampler=monolingual", "3", "5,678.9 ± 12.3"]
    assert difference.title == "toy · mAP · difference from sampler=monolingual"
    assert difference.headers == ["group", "difference", "95 % interval", "p", "won"]
    assert difference.rows == [
        ["a|b", "", "", "", ""],
        ["  cross-lingual", "+0.031", "[+0.024, +0.038]", ".032", "11/11"],
        ["  rank distance", "-1,234.6", "–", "–", "–"],
    ]


def test_without_a_baseline_nothing_is_compared():
    assert len(grids(ROWS[:3], "mAP", 0.95)) == 2
    assert len(grids(ROWS[:1], "mAP", 0.95)) == 1


def test_the_csv_has_full_precision_and_blanks_where_there_is_no_figure(tmp_path: Path):
    with write_csv(tmp_path / "c.csv", ROWS).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5
    assert (rows[3]["std"], rows[3]["difference"], rows[3]["wins"]) == ("", "0.0312", "11")
    assert (rows[0]["std"], rows[0]["difference"]) == ("0.0123", "")
    assert (rows[4]["low"], rows[4]["paired_seeds"]) == ("", "0")


def test_markdown_keeps_its_columns(tmp_path: Path):
    tables = grids(ROWS, "mAP", 0.95)
    warnings, words = ["Not the same data."], "### toy · in words\n\n- a > b\n"
    notes = ["1 run, so no spread: a|b."]
    text = write_markdown(tmp_path / "c.md", tables, notes, warnings=warnings, words=words).read_text()
    assert text.startswith("> **Not the same data.**\n>\n\n### toy · in words\n\n- a > b\n\n### toy")
    assert "### toy · language bias\n\n| group | runs | rank distance |\n| --- | ---: | ---: |\n" in text
    assert r"| a\|b | 1 | 0.131 |" in text
    assert text.endswith("- 1 run, so no spread: a|b.\n")


def test_a_long_name_is_folded_and_never_cut():
    name = "model=multilingual_e5_base sampler=crosslingual max_steps=20000 temperature=0.01"
    grid = Grid("t", ["group", "runs", *"abc"], [[name, "3", *["0.123 ± 0.004"] * 3]])
    out = Console(file=io.StringIO(), width=80)
    out.print(grid.rich())
    text = out.file.getvalue()
    assert "…" not in text
    assert text.count("0.123 ± 0.004") == 3
    first_column = "".join(line[:28].strip() for line in text.splitlines()[3:])
    assert first_column == name.replace(" ", "")
