"""A conversation as it is typed."""

import io
import json

import pytest
from rich.console import Console

from src.asking.index import Index
from src.asking.texts import Text, Texts
from src.evaluation.encoding import Encoding
from src.reporting.prompt import Conversation, typed
from src.retrieval.exact import ExactSearch
from tests.toy import toy_data, toy_encoder


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> Index:
    """Two questions' answers in two languages, and something long."""
    encoder = toy_encoder(toy_data(tmp_path_factory.mktemp("toy")))
    rows = [Text(f"{code} passage {i}", code, f"{code}.txt:{i}", str(i)) for code in ("de", "en") for i in range(2)]
    return Index(encoder, Texts([*rows, Text("[bold]so " * 60, "fr", "fr.txt:9")]), ExactSearch(), Encoding())


def hold(index, *lines, **options) -> tuple[str, Conversation]:
    out = io.StringIO()
    talk = Conversation(index, Console(file=out, width=80, highlight=False), **options)
    talk.hold(lines)
    return out.getvalue(), talk


def test_a_question_and_the_bias_of_its_ranking(index):
    shown, talk = hold(index, "", "en passage 1", ":language en", ":top 2", "en  passage 1", ":bias", ":quit", "more")
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert lines.count("en passage 1") == 2
    assert lines.count("1 1.000 en en passage 1") == 2
    assert lines.count("en.txt:1 · 1") == 2
    assert "[bold]so [bold]so" in shown  # a text, no markup
    assert any(line.endswith("…") for line in lines)
    table = lines[lines.index("language bias of this question · 2 best of 5 texts") :]
    assert table[1] == "language in top 2 share share of all first at answer 1 at"
    assert table[3] == "en (asked in) 2 100.0 % 40.0 % 1 1" or table[3].startswith("en (asked in) 1 50.0 % 40.0 % 1 1")
    assert "* Answer 1 (1):" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert (talk.top, talk.language, talk.mistakes) == (2, "en", 0)


def test_answers_for_programs(index):
    shown, _ = hold(index, "en passage 1", ":bias 2", top=3, as_json=True)
    *answers, bias = map(json.loads, shown.splitlines())
    assert answers[0] == {
        "question": "en passage 1",
        "question_language": None,
        "rank": 1,
        "score": pytest.approx(1, abs=1e-6),
        "language": "en",
        "id": "1",
        "source": "en.txt:1",
        "text": "en passage 1",
    }
    assert [answer["rank"] for answer in answers] == [1, 2, 3]
    assert bias["bias_of"] == "en passage 1"
    assert bias["answer"] == 2
    assert sum(each["found"] for each in bias["languages"]) == 3


def test_a_mistake_is_told_and_the_conversation_goes_on(index, caplog):
    shown, talk = hold(index, ":bias", ":top no", ":top 0", ":nope", "de passage 0", ":bias 9", ":help")
    assert talk.mistakes == 5
    for told in ("no question was asked yet", "a whole number from 1 on", "no command :nope", "there is no answer 9"):
        assert told in caplog.text
    assert "de.txt:0" in shown
    assert ":language CODE" in shown


def test_the_keyboard_ends_with_its_end(monkeypatch):
    lines = iter(["one", "two"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(lines, None) or (_ for _ in ()).throw(EOFError))
    assert list(typed()) == ["one", "two"]
