import csv
import io
from pathlib import Path

import pytest
from rich.console import Console

from src.comparing.comparison import Against, Row, Spread
from src.comparing.differences import Compared
from src.comparing.verdict_forms import in_short, markdown, verdict_table, write_verdicts
from src.comparing.verdict_words import short_names, told_p
from src.comparing.verdicts import Verdict, verdicts

SPREAD = Spread(3, 0.5, 0.01, 0.49, 0.51)
HYBRID, MONO, CROSS = "sampler=hybrid", "sampler=monolingual", "sampler=crosslingual"


def against(other: str, difference: float, p: float | None, p_seeds: float | None = None, **more) -> Against:
    """With an interval of +-0.007; p_holm is the larger p unless told, p_holm_encoders p."""
    tested = {} if p is None else {"p_holm": max(p, p_seeds or 0), "p_holm_encoders": p}
    interval = (None, None) if p is None else (difference - 0.007, difference + 0.007)
    seeds = 1 if p_seeds is None else 3
    filled = {"effect": 0.4, "wins": 11, "languages": 11} | tested | more
    return Against(other, difference, *interval, seeds, p=p, p_seeds=p_seeds, **filled)


def row(group: str, setting: str, metric: str, found: Against | None) -> Row:
    return Row("toy", group, setting, metric, SPREAD, found)


def said(best: list[Row], rows: list[Row] = ()) -> list[str]:
    return [each.text for each in verdicts(Compared([*rows], best, [], 3), 0.95)]


def test_the_best_of_a_setting_and_what_it_cannot_be_told_from():
    best = [
        row(HYBRID, "crosslingual", "mAP", against(MONO, 0.031, 0.0001, 0.0002)),
        row(HYBRID, "crosslingual", "mAP", against(CROSS, 0.002, 0.3, 0.41, wins=6)),
    ]
    names = [row(each, "crosslingual", "mAP", None) for each in (MONO, CROSS, HYBRID)]
    assert said(best, names) == [
        "cross-lingual: hybrid > monolingual (+0.031 [0.024, 0.038], p < .001, 11/11 languages); "
        "not distinguishable from crosslingual (+0.002 [-0.005, 0.009], p = .41, 6/11 languages)"
    ]


def pair(found: Against, setting: str = "crosslingual", metric: str = "mAP") -> str:
    """The sentence of hybrid against monolingual."""
    mine = row(HYBRID, setting, metric, found)
    return said([mine], [row(MONO, setting, metric, None), mine])[-1]


def test_a_group_against_the_baseline():
    assert pair(against(MONO, 0.031, 0.0001, 0.0002)) == (
        "hybrid > monolingual on cross-lingual, +0.031 [0.024, 0.038], p < .001, d = 0.40, 11/11 languages"
    )
    assert pair(against(MONO, -0.031, 0.001, 0.02)).startswith("hybrid < monolingual on cross-lingual, -0.031 [")


def test_less_of_a_bias_is_better():
    worse, better = (pair(against(MONO, change, 0.001, 0.01), "bias", "rank_distance") for change in (9.0, -9.0))
    assert worse.startswith("hybrid worse than monolingual on rank distance, +9.0 [9.0, 9.0], p = .010")
    assert better.startswith("hybrid better than monolingual on rank distance, -9.0")


def test_of_one_seed_it_speaks_of_two_encoders_only():
    assert pair(against(MONO, 0.031, 0.001)).endswith("languages; of these two encoders only, not of their strategies")
    assert pair(against(MONO, 0.001, 0.7)).endswith("; of these two encoders only, not of their strategies")


def test_a_difference_that_may_be_the_seeds():
    assert pair(against(MONO, 0.031, 0.001, 0.2)).startswith("hybrid not distinguishable from monolingual")
    assert pair(against(MONO, 0.031, 0.001, 0.2)).endswith(
        "; these encoders differ, but the difference may be the seeds'"
    )


def test_encoders_are_said_to_differ_only_where_their_own_p_holds_corrected():
    text = pair(against(MONO, 0.031, 0.001, 0.2, p_holm_encoders=0.06))
    assert text.endswith("p = .20, d = 0.40, 11/11 languages)")


def test_a_difference_that_the_number_of_comparisons_takes_away():
    text = pair(against(MONO, 0.031, 0.001, 0.02, p_holm=0.3))
    assert "(+0.031 [0.024, 0.038], p = .30, d = 0.40" in text
    assert text.endswith("; alone it would be (p = .020), among so many comparisons it is not")


def test_what_was_not_tested_is_not_called_alike():
    assert pair(against(MONO, -0.1, None, effect=None, wins=None, languages=None), "bias", "recall_gap@100") == (
        "hybrid ahead of monolingual on recall-gap@100 (-0.100), not tested"
    )
    best = [row(HYBRID, "average", "mAP", against(MONO, 0.1, None, wins=None, languages=None))]
    names = [row(each, "average", "mAP", None) for each in (MONO, HYBRID)]
    assert said(best, names)[0] == "average: hybrid untested, ahead of monolingual (+0.100)"


def test_many_groups_are_counted():
    best = [row("a=5", "monolingual", "mAP", against(f"a={n}", 0.1, 0.001, 0.001)) for n in range(5)]
    names = [row(f"a={n}", "monolingual", "mAP", None) for n in range(6)]
    assert said(best, names)[0].startswith("monolingual: a=5 > a=0 (")
    assert said(best, names)[0].endswith("languages) and 3 more")


def test_names_lose_a_key_that_all_share():
    assert short_names([HYBRID, MONO]) == {HYBRID: "hybrid", MONO: "monolingual"}
    assert short_names([HYBRID, "sampler=hybrid alpha=0.3"])["sampler=hybrid alpha=0.3"] == "hybrid alpha=0.3"
    assert short_names([HYBRID, "model=labse"]) == {HYBRID: HYBRID, "model=labse": "model=labse"}
    assert short_names(["alpha=0.5", "alpha=1"]) == {"alpha=0.5": "alpha=0.5", "alpha=1": "alpha=1"}
    assert short_names(["terms=[]", "terms=[coral]"])["terms=[]"] == "[]"
    assert short_names(["the usual", "alpha=1"]) == {"the usual": "the usual", "alpha=1": "alpha=1"}


@pytest.mark.parametrize(
    ("p", "told"), [(0.0004, "< .001"), (0.0321, "= .032"), (0.414, "= .41"), (0.1, "= .10"), (0.999, "> .99")]
)
def test_p_is_told_as_journals_do(p: float, told: str):
    assert told_p(p) == told


SENTENCES = [
    Verdict(
        "toy", "crosslingual", "mAP", "cross-lingual: a > b (+0.031 [0.024, 0.038], p < .001, 11/11 languages); " * 2
    ),
    Verdict("toy", "bias", "rank_distance", "rank distance: a better than b"),
    Verdict("toy", "bias", "MRC@10", "MRC@10: a better than b"),
    Verdict("toy", "crosslingual", "mAP", "a > b on cross-lingual, +0.031", group="a"),
]


def test_the_terminal_has_a_line_a_setting_and_one_of_bias():
    short = in_short(SENTENCES)
    assert [each.metric for each in short] == ["mAP", "rank_distance"]
    out = Console(file=io.StringIO(), width=80)
    out.print(verdict_table(short))
    lines = out.file.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].strip() == "toy"
    assert lines[1].startswith(" * cross-lingual: a > b")


def test_the_page_and_the_table_have_all(tmp_path: Path):
    page = markdown(SENTENCES)
    assert page.startswith("### toy · in words\n\n- cross-lingual: a > b")
    assert page.endswith("### toy · each against the baseline\n\n- a > b on cross-lingual, +0.031\n")
    with write_verdicts(tmp_path / "v.csv", SENTENCES).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [each["group"] for each in rows] == ["", "", "", "a"]
    assert rows[1]["text"] == "rank distance: a better than b"
