"""python -m src.errors as typed, on runs that were really trained."""

import csv
import shutil
from pathlib import Path

import pytest

from tests.command import SMALL, type_in
from tests.test_config import commands, composed, light


@pytest.fixture(scope="module")
def other_run(cache_dir, tmp_path_factory) -> Path:
    """Another small run, of monolingual batches."""
    folder = tmp_path_factory.mktemp("runs") / "other"
    words = (*SMALL, "sampler=monolingual", "seed=2", "logger=csv", f"cache_dir={cache_dir}")
    answer = type_in("src.train", *words, f"hydra.run.dir={folder}")
    assert answer.status == 0, answer.text
    return folder


@pytest.fixture
def errors(finished_run, other_run, cache_dir):
    """Types in an analysis of the two runs, or of the first and another folder."""

    def run(output, *words: str, other: Path = other_run):
        where = (str(finished_run[0]), str(other), f"output={output}", f"cache_dir={cache_dir}")
        return type_in("src.errors", *where, *words)

    return run


def rows(folder) -> list[dict[str, str]]:
    with (folder / "errors.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_two_runs_as_typed(errors, finished_run, tmp_path):
    answer = errors(tmp_path / "out", "queries=30", "shown=1", "candidates=2")
    assert answer.status == 0, answer.text
    lines = [" ".join(line.split()) for line in answer.out.splitlines()]
    assert any(line.startswith("A sampler=hybrid") for line in lines)
    assert any(line.startswith("B sampler=monolingual") for line in lines)
    assert "cldr_facts[de,en] · multilingual · mAP" in lines
    assert "asked in queries A wins B wins equal A B A - B" in lines
    assert "first in the run that loses A wins 30 B wins 30" in lines
    assert sum(line.startswith("right texts ") for line in lines) == 2
    tables = answer.out.splitlines()[4 : lines.index(next(line for line in lines if line.startswith("saved")))]
    assert max(map(len, tables)) <= 80
    assert f"python -m src.search checkpoint={finished_run[0]}" in answer.out
    assert "score otherwise" not in answer.out
    assert answer.err.count("searched again, since it has no run.trec") == 2
    found = rows(tmp_path / "out")
    assert len({(row["winner"], row["query"]) for row in found}) == 60
    assert {row["right"] for row in found} == {"yes", "no"}
    for row in found:
        assert (row["winner"] == "A") == (float(row["difference"]) > 0)
        if row["right"] == "no":
            assert int(row["A_rank" if row["winner"] == "B" else "B_rank"]) >= 1
    assert (tmp_path / "out" / "errors.md").read_text().count("| language and text |") == 40
    assert not (finished_run[0] / "errors.md").exists()


@pytest.mark.slow
def test_a_run_file_says_what_searching_again_does(errors, other_run, tmp_path):
    words = ("benchmark.languages=[de,en]", "logger=csv", "save_run=true", f"hydra.run.dir={tmp_path / 'scored'}")
    scored = type_in("src.evaluate", f"checkpoint={other_run}", *words)
    assert scored.status == 0, scored.text
    for setting in ("multilingual", "monolingual"):
        how = (f"setting={setting}", "metric=mAP@20")
        assert errors(tmp_path / "again", *how).status == 0
        answer = errors(tmp_path / "read", *how, other=tmp_path / "scored")
        assert answer.status == 0, answer.text
        assert "scored: from its run.trec" in answer.err
        again, read = rows(tmp_path / "again"), rows(tmp_path / "read")
        assert [(row["query"], row["pool"], row["candidate"]) for row in again[:40]] == [
            (row["query"], row["pool"], row["candidate"]) for row in read[:40]
        ]
        pairs = [(one["B_rank"], two["B_rank"]) for one, two in zip(again, read, strict=True) if two["B_rank"]]
        assert sum(one == two for one, two in pairs) > 0.95 * len(pairs) > 100


@pytest.mark.slow
def test_debiasing_of_an_evaluation_is_fitted_again(errors, other_run, tmp_path):
    (tmp_path / "texts").mkdir()
    for code in ("de", "en"):
        lines = "".join(f"{code} {word}\n" for word in ("eins", "two", "drei", "four", "fünf", "six"))
        (tmp_path / "texts" / f"{code}.txt").write_text(lines)
    folder = tmp_path / "scored"
    words = ("benchmark.languages=[de,en]", "logger=csv", "debias=center", f"debias.texts={tmp_path / 'texts'}")
    scored = type_in("src.evaluate", f"checkpoint={other_run}", *words, f"hydra.run.dir={folder}")
    assert scored.status == 0, scored.text
    answer = errors(tmp_path / "out", "queries=5", other=folder)
    assert answer.status == 0, answer.text
    assert "score otherwise" not in answer.out
    (tmp_path / "texts" / "de.txt").write_text("de ganz\nde etwas\nde anderes\n")
    answer = errors(tmp_path / "out", "queries=5", other=folder)
    assert answer.status == 2
    assert "debiasing now removes something else than then" in answer.err


@pytest.mark.slow
def test_an_evaluations_encoder_must_be_there(errors, other_run, tmp_path):
    moved = tmp_path / "moved"
    shutil.copytree(other_run, moved)
    words = ("benchmark.languages=[de,en]", "logger=csv", f"hydra.run.dir={tmp_path / 'scored'}")
    assert type_in("src.evaluate", f"checkpoint={moved}", *words).status == 0
    answer = errors(tmp_path / "out", other=tmp_path / "scored")
    assert answer.status == 0, answer.text
    shutil.rmtree(moved)
    answer = errors(tmp_path / "out", other=tmp_path / "scored")
    assert answer.status == 2
    assert "the encoder that was scored is gone" in answer.err


def test_one_folder_may_be_given_as_a_text_and_must_hold_two_runs(finished_run):
    answer = type_in("src.errors", f"folders={finished_run[0]}")
    assert answer.status == 2, answer.text
    assert f"here is one: {finished_run[0]}" in answer.err


def test_where_nothing_can_be_written_nothing_is_searched(errors, tmp_path):
    (tmp_path / "out").write_text("")
    answer = errors(tmp_path / "out")
    assert answer.status == 2, answer.text
    assert "The output folder cannot be written" in answer.err
    assert "output=FOLDER" in answer.err
    assert "searched again" not in answer.err


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("setting=all", "No setting 'all' in both runs"),
        ("metric=R@7", "No metric 'R@7' in both runs"),
        ("benchmark_name=xquad_r", "one of cldr_facts[de,en]"),
        ("benchmark_folder=data", "reads no folder"),
        ("queries=0", "queries must be a whole number from 1 on"),
        ("device=nowhere", "no device 'nowhere'"),
        ("encoding.dtype=int8", "cannot keep embeddings as 'int8'"),
    ],
)
def test_mistakes_are_told(errors, tmp_path, word, told):
    answer = errors(tmp_path / "out", word)
    assert answer.status == 2, answer.text
    assert told in answer.err
    assert "Traceback" not in answer.text
    assert not (tmp_path / "out" / "errors.csv").exists()


def test_help_is_light_and_shows_commands_that_compose(tmp_path):
    text = light("src.errors", "--help", cwd=tmp_path)
    assert "cache_dir: outputs/.cache" in text
    shown = list(commands(text))
    assert len(shown) == 3
    for overrides in shown:
        composed("errors", *overrides)
