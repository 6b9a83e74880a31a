import json

import pytest

from src.data.json_lines import Object
from src.errors import InputError
from src.evaluation.benchmarks.passages import document_wording, query_wording, read_passages, stated


def line(**value):
    return Object("x.jsonl, line 1", value)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{title} {text}", "T x {title}"),
        ("{text}", "x {title}"),
        ("title: {title}\ntext: {text}", "title: T\ntext: x {title}"),
    ],
)
def test_templates(template, expected):
    assert document_wording(template)(line(title="T", text="x {title}", more=1)) == expected


def test_without_a_title_no_space_is_left():
    assert document_wording("{title} {text}")(line(text="x")) == "x"
    assert document_wording("{title} {text}")(line(title=None, text="x")) == "x"


def test_a_querys_own_instruction():
    assert query_wording("{instruction} {text}")(line(instruction="Find:", text="x")) == "Find: x"
    with pytest.raises(InputError, match="missing column 'instruction'"):
        query_wording("{instruction} {text}")(line(text="x"))


@pytest.mark.parametrize(
    "template", ["{title}", "{text} {body}", "{text", "{}", "", "{text.x} {text}", "{text!z}", "{text:q}", "{text:{0}}"]
)
def test_bad_templates(template):
    with pytest.raises(InputError) as error:
        document_wording(template)
    assert error.value.where == "benchmark.document_template"


def test_what_results_show():
    assert stated("{title} {text}", "{text}") == "{title} {text}"
    assert stated("{text}", "Find: {text}") == "{text}; query: Find: {text}"


def test_passages_of_several_files(tmp_path):
    for name in "ab":
        (tmp_path / name).write_text(json.dumps({"id": name, "text": name * 2}) + "\n")
    passages = list(read_passages([tmp_path / "a", tmp_path / "b"], "id", document_wording("{text}"), "de_"))
    assert [passage[:2] for passage in passages] == [("de_a", "aa"), ("de_b", "bb")]
    assert passages[1].where == f"{tmp_path / 'b'}, line 1"
