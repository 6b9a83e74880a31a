from pathlib import Path

import pytest

from src.data.lexicon import find_lexicons, read_lexicon
from src.errors import InputError


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_lines_of_words_with_tabs_or_spaces(tmp_path):
    content = "\ufeffthe die\nthe der\r\nthe\tdas\nHouse  Haus\nhouse Haus\ncity \t New York\n\n dog   hund \nthe die\n"
    assert read_lexicon(write(tmp_path / "en-de.txt", content)) == {
        "the": ("die", "der", "das"),
        "house": ("Haus",),
        "city": ("New York",),
        "dog": ("hund",),
    }


def test_words_are_stored_in_normal_form(tmp_path):
    assert read_lexicon(write(tmp_path / "x.txt", "CAFE\u0301 Kaffee\nстол стіл\n")) == {
        "café": ("Kaffee",),
        "стол": ("стіл",),
    }


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        ("the die\nalone\n", 2, "expected a word and its translation, got 'alone'"),
        ("the\t\n", 1, "expected"),
        ("the die der\n", 1, "expected"),
        ("the\tdie\tder\n", 1, "expected"),
        ("\n\nnew york\tneu\n", 3, "expected"),
        ("the die\nmännlich male".encode("latin-1"), 2, "not UTF-8"),
    ],
)
def test_a_line_that_does_not_parse_is_named(tmp_path, content, line, what):
    path = write(tmp_path / "en-de.txt", content)
    with pytest.raises(InputError, match=what) as caught:
        read_lexicon(path)
    assert caught.value.where == f"{path}, line {line}"


def test_an_empty_lexicon_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no entry"):
        read_lexicon(write(tmp_path / "en-de.txt", "\n"))


@pytest.fixture
def folder(tmp_path):
    for name in (
        "en-de.txt",
        "en-fr.txt",
        "de-en.txt",
        "en-de.0-5000.txt",
        "en-de.5000-6500.txt",
        "fi-en.txt",
        "notes.md",
    ):
        write(tmp_path / name, "a b\n")
    return tmp_path


def test_all_lexicons_from_the_languages_are_found_and_no_parts_of_them(folder):
    assert find_lexicons(folder, ["de", "en", "zh"], None) == {
        ("de", "en"): folder / "de-en.txt",
        ("en", "de"): folder / "en-de.txt",
        ("en", "fr"): folder / "en-fr.txt",
    }


def test_named_pairs_are_read_and_no_others(folder):
    assert find_lexicons(folder, ["de", "en"], ["en-fr"]) == {("en", "fr"): folder / "en-fr.txt"}
    write(folder / "zh-Hant-en.txt", "a b\n")
    assert list(find_lexicons(folder, ["zh", "zh-Hant"], ["zh-Hant-en"])) == [("zh-Hant", "en")]


@pytest.mark.parametrize(
    ("languages", "pairs", "what", "where"),
    [
        (["en"], ["en-zh"], "no lexicon for en-zh", "en-zh.txt"),
        (["en"], ["fi-en"], "does not lead from a language of the training data", "augmentation.pairs"),
        (["en"], ["en-"], "does not lead", "augmentation.pairs"),
        (["zh", "th"], None, "no lexicon from any of zh, th", "augmentation.folder"),
    ],
)
def test_missing_lexicons_are_errors(folder, languages, pairs, what, where):
    with pytest.raises(InputError, match=what) as caught:
        find_lexicons(folder, languages, pairs)
    assert where in caught.value.where


def test_a_missing_folder_is_an_error():
    with pytest.raises(InputError, match="no folder 'nowhere'"):
        find_lexicons(Path("nowhere"), ["en"], None)
