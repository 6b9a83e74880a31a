import gzip
import json

import pytest

from src.data.jsonl_format import find_files, read_lines
from src.errors import InputError

GOOD = {"id": "1", "language": "de", "question": "Wer?", "passage": "Ada."}


def write(folder, *lines, name="a.jsonl"):
    path = folder / name
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_lines_come_back_with_their_place(tmp_path, name):
    full = GOOD | {"passage_id": "p", "negatives": ["x"], "negative_ids": ["q", "r"], "dataset": "d"}
    path = write(tmp_path, GOOD, "", full, name=name)
    first, second = read_lines(path)
    assert (first.id, first.language, first.question, first.passage) == ("1", "de", "Wer?", "Ada.")
    assert (first.passage_id, first.negatives, first.negative_ids, first.dataset) == (None, (), (), None)
    assert (second.passage_id, second.negatives, second.negative_ids, second.dataset) == ("p", ("x",), ("q", "r"), "d")
    assert second.where == f"{path}, line 3"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{oops}", "malformed JSON"),
        ("[1]", "expected an object, found list"),
        ({"id": "1", "question": "Wer?"}, "missing column 'language'"),
        ({"id": "1", "language": "de"}, "neither 'question' nor 'passage'"),
        ({"language": "de", "question": "Wer?", "passage": "Ada."}, "missing column 'id'"),
        ({"language": "de", "passage": "Ada."}, "missing column 'id'"),
        ({"language": "de", "passage": "Ada.", "passage_id": "p", "negatives": ["x"]}, "belong to a concept"),
        (GOOD | {"id": 1}, "'id' must be a string, found int 1"),
        (GOOD | {"question": " "}, "empty 'question'"),
        (GOOD | {"negatives": "x"}, "'negatives' must be a list, found str"),
        (GOOD | {"negatives": ["x", ""]}, "empty 'negatives'"),
        (GOOD | {"negative_ids": [3]}, "'negative_ids' must be a string"),
        (GOOD | {"passsage": "x"}, r"unknown column 'passsage'[^§]*the columns are id, language"),
    ],
)
def test_a_bad_line_is_named_by_file_and_line(tmp_path, line, message):
    path = write(tmp_path, GOOD, "", line)
    with pytest.raises(InputError, match=message) as error:
        list(read_lines(path))
    assert f"{path}, line 3" in str(error.value)


def test_a_truncated_gz_says_how_far_it_was_read(tmp_path):
    path = write(tmp_path, *[GOOD | {"id": str(i)} for i in range(5000)], name="a.jsonl.gz")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"cannot read the file[^§]*a\.jsonl\.gz, at or after line \d"):
        list(read_lines(path))


def test_bytes_that_are_not_utf8(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"id": "1", "language": "de", "question": "\xff"}')
    with pytest.raises(InputError, match="cannot read the file"):
        list(read_lines(path))


def test_a_file_or_a_folder_of_files(tmp_path):
    one, two = write(tmp_path, GOOD, name="b.jsonl.gz"), write(tmp_path, GOOD, name="a.jsonl")
    write(tmp_path, GOOD, name="notes.txt")
    assert find_files(tmp_path) == [two, one]
    assert find_files(one) == [one]


@pytest.mark.parametrize("name", ["empty", "absent"])
def test_nothing_to_read(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"no \.jsonl or \.jsonl\.gz file"):
        find_files(tmp_path / name)
