"""python -m src.search as typed."""

import json
import os
import pty
import subprocess
import sys

import pytest

from src.search import quoted
from tests.command import ENVIRONMENT, ROOT, type_in
from tests.test_config import commands, composed, light


@pytest.fixture
def search(finished_run, cache_dir):
    """Types in a search with a small trained encoder."""

    def run(*words: str):
        return type_in("src.search", f"checkpoint={finished_run[0]}", f"cache_dir={cache_dir}", *words)

    return run


@pytest.fixture
def own(tmp_path):
    (tmp_path / "de.txt").write_text("Die Hauptstadt ist Berlin.\nÄpfel sind Obst.\n")
    (tmp_path / "en.txt").write_text("The capital is Berlin.\nApples are fruit.\n")
    return tmp_path


def test_own_files_and_questions_in_any_words(search, own):
    asked = ("query=Äpfel sind Obst.", "query=Who's there, and (why) = how?")
    answer = search(f"texts={own}", *asked, "parallel=true", "top=2", "format=json", "bias=true")
    assert answer.status == 0, answer.text
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert [line.get("question") for line in lines] == [
        *("Äpfel sind Obst.", "Äpfel sind Obst.", None),
        *("Who's there, and (why) = how?", "Who's there, and (why) = how?", None),
    ]
    assert lines[0]["source"] == f"{own}/de.txt:2"  # the question itself is there
    assert lines[0]["score"] == pytest.approx(1, abs=1e-5)
    bias = lines[2]
    assert {each["language"]: each["pool_share"] for each in bias["languages"]} == {"de": 0.5, "en": 0.5}
    assert all(each["translation"] for each in bias["languages"])
    again = search(f"texts={own}", *asked, "parallel=true", "top=2", "format=json", "bias=true")
    assert again.out == answer.out
    assert "1 of 1 shards are in" in again.err
    assert not list(own.glob("*.log"))


def test_a_file_of_questions_commands_among_them(search, own):
    (own / "asked").write_text("Apples are fruit.\n:bias\n:top none\n")
    answer = search(f"texts={own}/en.txt", f"texts={own}/de.txt", f"queries={own}/asked", "query_language=en")
    assert answer.status == 2  # one line was a mistake
    assert "a whole number from 1 on is needed" in answer.err
    assert "1 1.000 en Apples are fruit." in " ".join(answer.out.split())
    assert "en (asked in)" in answer.out
    assert "The texts have no ids" in answer.out
    assert max(map(len, answer.out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["texts=nowhere"], "no such file or folder\n  where: texts=nowhere"),
        (["unit=page"], "unit must be one of line, paragraph"),
        (["top=0"], "top must be a whole number from 1 on"),
        (["format=xml"], "format must be one of table, json"),
        (["query=a", "queries=b"], "questions are given twice"),
        (["query="], "the question is empty"),
        (["query=a", "texts=null"], "there is no text to search"),
        (["query=a", "language=[de,en]"], "language must be a text"),
        (["query=a", "query_language=1"], "query_language must be a text"),
        (["query=a", "device=null"], "device must be a text"),
        (["queries=none.txt"], "no such file\n  where: queries=none.txt"),
        (["query=a", "checkpoint=none"], "no such file or folder\n  where: checkpoint=none"),
        (["query=a", "checkpoint=null"], "give one encoder"),
        (["query=a", "+search.nprobe=3"], "search has no option 'nprobe'"),
        (["query=a", "search=faiss_flat", "search.factory=Nope"], "FAISS knows no index 'Nope'"),
    ],
)
def test_mistakes_are_told_before_long_work(search, words, told):
    answer = search(*words)
    assert answer.status == 2, answer.text
    assert told in answer.err
    assert "Traceback" not in answer.text
    assert "embeddings of" not in answer.err


def test_a_language_that_no_text_is_in_is_said_once(search, own):
    answer = search(f"texts={own}", "query=a", "query=b", "query_language=foo")
    assert answer.status == 0, answer.text
    assert answer.err.count("no text is in foo, so that it changes no answer and marks no language: de, en") == 1
    assert "no text is in" not in search(f"texts={own}", "query=a", "query_language=de").err


def test_a_file_without_a_question_is_told(search, tmp_path):
    (tmp_path / "asked").write_text("\n \n")
    answer = search(f"queries={tmp_path / 'asked'}")
    assert answer.status == 2, answer.text
    assert "the file holds no question\n  where: queries=" in answer.err


def test_questions_and_paths_are_quoted_for_hydra():
    typed = ["query=it's", "texts=a b=c/é.txt", "top=2", "query=[x,y]", "query=a\\", "query=null", "--help"]
    assert quoted(typed) == [
        *("top=2", "query=[x,y]", "query=null", "--help"),
        *(r"query=['it\'s','a\\']", "texts=['a b=c/é.txt']"),
    ]


def test_help_is_light_and_shows_commands_that_compose(tmp_path):
    text = light("src.search", "--help", cwd=tmp_path)
    assert "cache_dir: outputs/.cache" in text
    shown = list(commands(text))
    assert len(shown) == 4
    for overrides in shown:
        composed("ask", *quoted(overrides))


@pytest.mark.slow
def test_a_pipe_and_a_keyboard(finished_run, cache_dir):
    command = [sys.executable, "-m", "src.search", f"checkpoint={finished_run[0]}", f"cache_dir={cache_dir}", "top=1"]
    how = {"cwd": ROOT, "env": {**os.environ, **ENVIRONMENT}}
    piped = subprocess.run(command, input="¿Qué?\n", capture_output=True, text=True, timeout=120, check=True, **how)
    assert "¿Qué?" in piped.stdout
    assert "cldr_facts:" in piped.stdout
    keyboard, terminal = pty.openpty()
    streams = {"stdin": terminal, "stdout": terminal, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **streams, **how) as sitting:
        os.close(terminal)
        os.write(keyboard, b"What?\n:bias\n:quit\n")
        shown = b""
        while sitting.poll() is None or not shown:
            shown += _read(keyboard)
        told = sitting.stderr.read()
    assert sitting.returncode == 0, told
    assert "16,742 texts are ready. Try:" in told
    assert ":bias [N]" in told
    assert "language bias of this question" in shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b"end"
