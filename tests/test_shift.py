"""A domain-shift report on real runs: encoders are trained, scored on domains in several commands, and reported."""

import csv
import json
from pathlib import Path

import pytest

from tests.command import SMALL, Answer, type_in
from tests.written_runs import make_evaluation, make_run

WORDS = [
    "river",
    "tower",
    "bread",
    "garden",
    "music",
    "winter",
    "letter",
    "market",
    "bridge",
    "silver",
    "forest",
    "candle",
]
DOMAINS = {"new_wiki": "The {} is old.", "reddit": "lol my {} again", "amazon_reviews": "I bought a {} twice"}


def write_domain(folder: Path, name: str, sentence: str) -> None:
    paragraphs = [
        {
            "context": sentence.format(word),
            "qas": [{"id": f"{name}{row}", "question": f"what {word}?", "answers": [{"answer_start": 0, "text": "x"}]}],
        }
        for row, word in enumerate(WORDS)
    ]
    document = {"version": "1.1", "data": [{"title": name, "paragraphs": paragraphs}]}
    (folder / f"{name}_v1.0.json").write_text(json.dumps(document))


def shift(*arguments: str) -> Answer:
    return type_in("src.shift", *arguments)


@pytest.fixture(scope="module")
def evaluated(finished_run, cache_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two strategies trained; each scored on SQuADShifts' domains at once, and on a separate benchmark afterwards."""
    root = tmp_path_factory.mktemp("shift")
    for name, sentence in DOMAINS.items():
        write_domain(root, name, sentence)
    other = root / "trained" / "mono"
    answer = type_in(
        "src.train", *SMALL, "sampler=monolingual", "seed=2", f"hydra.run.dir={other}", f"cache_dir={cache_dir}"
    )
    assert answer.status == 0, answer.text
    suite = ["benchmark=squadshifts", f"benchmark.folder={root}", "benchmark.domains=[new_wiki,reddit]"]
    single = ["benchmark=squad", f"benchmark.file={root}/amazon_reviews_v1.0.json", "benchmark.name=amazon"]
    for run in (finished_run[0], other / "encoder"):
        for what in (suite, single):
            target = root / "evaluated" / f"{run.name}-{what[0].partition('=')[2]}"
            command = [f"checkpoint={run}", *what, "logger=csv", f"cache_dir={cache_dir}", f"hydra.run.dir={target}"]
            answer = type_in("src.evaluate", *command)
            assert answer.status == 0, answer.text
    return root / "evaluated"


def test_the_report_as_typed(evaluated: Path):
    answer = shift(str(evaluated), "in_domain=new_wiki", "resamples=200")
    assert answer.status == 0, answer.text
    lines = answer.out.splitlines()
    assert max(len(line) for line in lines if str(evaluated) not in line) <= 80
    assert "sampler=hybrid" in answer.out
    assert "sampler=monolingual" in answer.out
    assert str(evaluated / "shift.csv") in answer.out
    with (evaluated / "shift.csv").open(newline="") as file:
        rows = {(row["group"], row["measure"], row["of"]): row for row in csv.DictReader(file)}
    assert {group for group, *_ in rows} == {"sampler=hybrid", "sampler=monolingual"}
    scores = {}
    for path in evaluated.glob("run-*/metrics.json"):
        scores |= {name: each["settings"]["monolingual"]["mAP"] for name, each in json.loads(path.read_text()).items()}
    inside, outside = scores["squadshifts-new_wiki"], (scores["squadshifts-reddit"] + scores["amazon"]) / 2
    drop = rows["sampler=hybrid", "relative drop", ""]
    assert float(drop["mean"]) == pytest.approx((inside - outside) / inside)
    assert float(drop["low"]) < float(drop["mean"]) < float(drop["high"])
    domain = rows["sampler=hybrid", "domain part", ""]
    assert float(domain["mean"]) == pytest.approx(inside - outside)
    assert "Not given: language part, as there are no in-domain results" in answer.out
    page = (evaluated / "shift.md").read_text()
    assert "### monolingual · mAP · each domain" in page
    assert "- In-domain: squadshifts-new_wiki. Out-of-domain: " in page


def test_compare_groups_the_same_evaluations_by_strategy(evaluated: Path, tmp_path: Path):
    answer = type_in("src.compare", str(evaluated), f"output={tmp_path}", "resamples=50", "figures=false")
    assert answer.status == 0, answer.text
    with (tmp_path / "comparison.csv").open(newline="") as file:
        groups = {row["group"] for row in csv.DictReader(file) if row["benchmark"] == "amazon"}
    assert groups == {"sampler=hybrid benchmark=squad", "sampler=monolingual benchmark=squad"}


def test_options(evaluated: Path, tmp_path: Path):
    options = ["in_domain=[amazon,new_wiki]", "metric=nDCG@10", "setting=monolingual", "language=en"]
    answer = shift(str(evaluated), *options, "resamples=50", f"output={tmp_path}")
    assert answer.status == 0, answer.text
    assert "nDCG@10" in answer.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shift.csv", "shift.md"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "No folder with runs."),
        (["FOLDER"], "in_domain=..., one or more of "),
        (["FOLDER", "in_domain=moon"], "No domain is called 'moon'"),
        (["FOLDER", "in_domain=amazon", "metric=F1"], "The metric 'F1' is not shared by all domains"),
        (["FOLDER", "in_domain=amazon", "domains=[amazon]"], "Only one domain"),
        (["FOLDER", "in_domain=amazon", "language=sw"], "where: language"),
        (["FOLDER", "in_domain=amazon", "domains=moon"], "No domain is called 'moon'"),
        (["FOLDER", "in_domain=amazon", "ignore=trainer.threds"], "No run has a setting 'trainer.threds'"),
        (["FOLDER", "in_domain=amazon", "metric=[F1]"], "metric must be a text, got ['F1']"),
        (["FOLDER", "in_domain=amazon", "resamples=0"], "resamples must be a whole number from 1 on"),
        (["FOLDER", "in_domain=moon", "output=/dev/null/x"], "choose another with output=..."),
        (["EMPTY"], "python -m src.shift outputs/<evaluations>"),
        (["EMPTY/nowhere"], "No such folder"),
    ],
)
def test_mistakes_are_told_in_plain_words(evaluated: Path, tmp_path: Path, arguments: list[str], told: str):
    typed = [word.replace("FOLDER", str(evaluated)).replace("EMPTY", str(tmp_path)) for word in arguments]
    answer = shift(*typed)
    assert answer.status == 2, answer.text
    assert told in answer.err
    assert "Traceback" not in answer.text


def test_domains_that_share_no_metric(tmp_path: Path):
    folder = make_run(
        tmp_path / "run",
        seed=1,
        sampler={},
        choice="hybrid",
        evaluations=[make_evaluation(name="wiki"), make_evaluation(name="shop")],
    )
    metrics = json.loads((folder / "metrics.json").read_text())
    for each in metrics["shop"]["settings"].values():
        for name in ("mAP", "R@1", "R@10"):
            each[f"other-{name}"] = each.pop(name)
    (folder / "metrics.json").write_text(json.dumps(metrics))
    answer = shift(str(folder), "in_domain=wiki")
    assert answer.status == 2
    assert "No metric is shared by all domains" in answer.err


def test_help_says_what_each_option_is():
    answer = shift("--help")
    assert answer.status == 0
    assert "in_domain=squadshifts-new_wiki" in answer.out
    assert "sampler:" not in answer.out  # the groups of other commands
