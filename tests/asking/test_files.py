"""Texts from real files of every kind, each with its language and its place."""

import gzip
import json

import pytest

from src.asking.facts import facts, questions
from src.asking.files import Reading, language_of, read_texts
from src.errors import InputError


def write(folder, **files):
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


def rows(*named, **reading):
    texts = read_texts([str(name) for name in named], Reading(**reading))
    return [(text.text, text.language, text.source.rpartition("/")[2], text.id) for text in texts.rows]


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("de.txt", "de"),
        ("faq.de.txt.gz", "de"),
        ("zh-Hant.txt", "zh-Hant"),
        ("faq.txt", None),  # three letters, and no language
        ("notes.txt", None),
        ("DE.txt", None),
        ("de", None),
    ],
)
def test_a_files_name_gives_its_language(name, language):
    assert language_of(name) == language


def test_lines_and_paragraphs_know_their_place(tmp_path):
    write(tmp_path, de_dot_txt="\ufeffeins\n\n  zwei \ndrei\n\n\n", notes_dot_md="a\n")
    assert rows(tmp_path) == [
        ("eins", "de", "de.txt:1", None),
        ("zwei", "de", "de.txt:3", None),
        ("drei", "de", "de.txt:4", None),
        ("a", "?", "notes.md:1", None),
    ]
    assert rows(tmp_path / "de.txt", unit="paragraph") == [
        ("eins", "de", "de.txt:1", None),
        ("zwei drei", "de", "de.txt:3", None),
    ]
    assert rows(tmp_path / "notes.md", language="sw") == [("a", "sw", "notes.md:1", None)]


def test_a_folder_is_read_whole_and_nothing_twice(tmp_path):
    write(tmp_path, a__en_dot_txt="x\n", a__table_dot_csv="1,2\n", a__b__fr_dot_txt="y\n")
    write(tmp_path / "a" / ".hidden", de_dot_txt="z\n")
    with gzip.open(tmp_path / "a" / "es.txt.gz", "wt") as file:
        file.write("w\n")
    assert [row[0] for row in rows(tmp_path / "a")] == ["y", "x", "w"]
    assert [row[0] for row in rows(tmp_path / "a", tmp_path / "a" / "en.txt", tmp_path / "a/*.txt")] == ["y", "x", "w"]
    assert [row[0] for row in rows(tmp_path / "a/*.txt")] == ["x"]
    assert rows(tmp_path / "a" / "table.csv")[0][0] == "1,2"  # named outright, so it is text


def test_json_lines_have_languages_and_ids_under_any_names(tmp_path, caplog):
    lines = [
        {"text": "one\nline", "language": "en", "id": 7, "body": "B", "lang": "fr", "key": "k"},
        {"text": "zwei", "id": "7", "body": "C", "lang": "de", "key": "k"},
        {"text": " ", "body": "D", "lang": "de"},
    ]
    write(tmp_path, de_dot_jsonl="\n".join(map(json.dumps, lines)))
    assert rows(tmp_path) == [("one line", "en", "de.jsonl:1", "7"), ("zwei", "de", "de.jsonl:2", "7")]
    assert "1 lines have an empty text" in caplog.text
    found = rows(tmp_path, text_key="body", language_key="lang", id_key="key")
    assert [row[:2] for row in found] == [("B", "fr"), ("C", "de"), ("D", "de")]
    assert [row[3] for row in found] == ["k", "k", None]


def test_parallel_files_share_ids_by_place(tmp_path):
    write(tmp_path, de_dot_txt="a\n\nb\n", en_dot_txt="c\nd\n")
    texts = read_texts([str(tmp_path)], Reading(parallel=True))
    assert [(text.text, text.id) for text in texts.rows] == [("a", "1"), ("b", "2"), ("c", "1"), ("d", "2")]
    assert texts.translations(1) == [1, 3]
    assert read_texts([str(tmp_path)], Reading()).translations(1) == [1]
    write(tmp_path, fr_dot_txt="e\n")
    with pytest.raises(InputError, match=r"not parallel: texts are 2 in .*de.txt, 2 in .*en.txt, 1 in .*fr.txt"):
        read_texts([str(tmp_path)], Reading(parallel=True))


def test_one_file_is_parallel_to_nothing(tmp_path):
    write(tmp_path, de_dot_txt="a\n", en_dot_jsonl='{"text": "b"}\n')
    for named, told in (([tmp_path], "one"), ([tmp_path / "en.jsonl"], "none"), (["cldr_facts"], "none")):
        with pytest.raises(InputError, match=f"two plain files or more, and here is {told}\n"):
            read_texts([str(name) for name in named], Reading(parallel=True))


def test_the_embedded_facts_need_no_file():
    texts = read_texts(["cldr_facts"], Reading())
    assert len(texts.languages) == 11
    assert len(texts) == len(facts()) == 11 * 1522
    assert {texts[number].language for number in texts.translations(5)} == set(texts.languages)
    assert len(questions()) == 3
    assert questions()[0].isascii()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"text": "a"}\n{"body": "b"}\n', r"no key 'text' here, but body\n.*line 2"),
        ('{"text": 3}', "'text' must be a string, found int 3"),
        ('{"text": "a", "id": [1]}', r"'id' must be a text or a number, found \[1\]"),
        ("{", "malformed JSON"),
        ("\n", "there is no text to search"),
    ],
)
def test_a_broken_line_is_named(tmp_path, content, told):
    write(tmp_path, x_dot_jsonl=content)
    with pytest.raises(InputError, match=told):
        read_texts([str(tmp_path)], Reading())


def test_what_is_not_there_or_no_text_is_told(tmp_path):
    (tmp_path / "x.png").write_bytes(b"\x89PNG\xff")
    for name, told in (("/none", "no such file"), ("/*.txt", "no such file"), ("", "no file that ends in .txt")):
        with pytest.raises(InputError, match=told):
            read_texts([f"{tmp_path}{name}"], Reading())
    with pytest.raises(InputError, match="cannot read the file"):
        read_texts([str(tmp_path / "x.png")], Reading())
    with pytest.raises(InputError, match="unit must be one of line, paragraph, got 'page'"):
        Reading(unit="page")
