import csv
import io
from pathlib import Path

from rich.console import Console

from src.comparing.comparison import Spread
from src.shifting.shift import DROP, INSIDE, OUTSIDE, RESULT, WORST, Domains, Figure
from src.shifting.split import BASE, LANGUAGE, plan_split
from src.shifting.tables import grids, write_csv

DOMAINS = Domains(("wiki",), ("miracl[ar,bn,en,es,fa,fi,fr,hi,id,ja,ko,ru,sw,te,th]", "shop"))
SPLIT = plan_split(
    {name: {"by_language": {"monolingual": {"en": {}, "de": {}}}} for name in DOMAINS.every}, DOMAINS, "en"
)


def figure(measure: str, mean: float, of: str = "", group: str = "a|b", runs: int = 3, **interval: float) -> Figure:
    std = 0.0123 if runs > 1 else None
    return Figure(group, "monolingual", "nDCG@10", measure, of, "what", Spread(runs, mean, std, mean, mean), **interval)


FIGURES = [
    *(figure(RESULT, mean, name) for name, mean in zip(DOMAINS.every, (0.8, 0.4, 0.6), strict=True)),
    *(figure(DROP, mean, name) for name, mean in zip(DOMAINS.outside, (0.5, 0.25), strict=True)),
    figure(INSIDE, 0.8),
    figure(OUTSIDE, 0.5),
    figure(WORST, 0.4, DOMAINS.outside[0]),
    figure(DROP, 0.375, low=0.3, high=0.45),
    figure(BASE, 0.8),
    figure(LANGUAGE, -0.2),
    figure(RESULT, 0.8, "wiki", group="one", runs=1),
]


def test_the_tables():
    domains, means, drop, split = grids(FIGURES, DOMAINS, SPLIT, 0.95)
    assert domains.title == "monolingual · nDCG@10 · each domain"
    assert domains.rows[:3] == [
        ["a|b", "", "", ""],
        ["  wiki", "0.800 ± 0.012", "", "in-domain"],
        [f"  {DOMAINS.outside[0]}", "0.400 ± 0.012", "50.0 ± 1.2 %", "out-of-domain, worst"],
    ]
    assert domains.rows[5:7] == [
        ["  wiki", "0.800", "", "in-domain"],
        [f"  {DOMAINS.outside[0]}", "–", "–", "out-of-domain"],
    ]
    assert means.rows[0] == ["a|b", "3", "0.800 ± 0.012", "0.500 ± 0.012", "0.400 ± 0.012"]
    assert drop.headers[2] == "95 % interval"
    assert drop.rows == [["a|b", "37.5 ± 1.2 %", "[30.0 %, 45.0 %]"], ["one", "–", "–"]]
    assert split.rows == [
        ["a|b", "", ""],
        ["  base", "0.800 ± 0.012", ""],
        ["  language part", "-0.200 ± 0.012", "-25.0 %"],
    ]


def test_they_fit_80_columns_and_cut_nothing():
    out = Console(file=io.StringIO(), width=80)
    for table in grids(FIGURES, DOMAINS, SPLIT, 0.95):
        out.print(table.rich())
    text = out.file.getvalue()
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert "out-of-domain, worst" in text


def test_without_a_split_there_is_no_table_of_it():
    assert len(grids(FIGURES[:-3], DOMAINS, None, 0.95)) == 3


def test_the_csv_has_full_precision(tmp_path: Path):
    with write_csv(tmp_path / "s.csv", FIGURES).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(FIGURES)
    assert (rows[8]["measure"], rows[8]["of"], rows[8]["over"], rows[8]["low"]) == ("relative drop", "", "what", "0.3")
    assert (rows[-1]["std"], rows[-1]["low"]) == ("", "")
