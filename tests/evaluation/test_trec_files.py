import gzip

import numpy as np
import pytest

from src.errors import InputError
from src.evaluation.trec_files import as_judgements, read_beir_qrels, read_qrels, read_topics, rows_of

HEADER = "query-id\tcorpus-id\tscore\n"


@pytest.fixture
def file(tmp_path):
    def write(text, name="qrels.tsv"):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / name

    return write


def test_trec_qrels(file):
    lines = read_qrels(file("29\tQ0\t23#0\t1\n29 0  17#1 0\n\n3 Q0 é -1\n"))
    assert [line[:3] for line in lines] == [("29", "23#0", 1), ("29", "17#1", 0), ("3", "é", -1)]
    assert lines[2].where.endswith("qrels.tsv, line 4")


def test_beir_qrels(file):
    text = HEADER + "q 1\td1\t2\r\nq 1\td2\t0\r\nq2\td1\t1"
    expected = [("q 1", "d1", 2), ("q 1", "d2", 0), ("q2", "d1", 1)]
    assert [line[:3] for line in read_beir_qrels(file(text))] == expected
    packed = file(gzip.compress(text.encode()), "qrels.tsv.gz")
    assert [line[:3] for line in read_beir_qrels(packed)] == expected


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ("1 Q0 a\n", "expected query Q0 candidate grade, found 3 columns", "line 1"),
        ("1 Q0 a 1\n1 Q0 b c 1\n", "found 5 columns", "line 2"),
        ("1 Q0 a 1\n1 Q0 b 0.5\n", "grade '0.5' is not an integer", "line 2"),
        ("1 Q0 a relevant\n", "is not an integer", "line 1"),
        ("1 Q0 a 70000\n", "out of range", "line 1"),
        ("1 Q0 a 1\n1 Q0 b 1\n1 Q0 a 0\n", "'1' and candidate 'a' are judged twice", "line 3"),
        ("1 Q0 a 1\n2 Q0 b 1\n1 Q0 c 0\n", "not sorted: lines of query '1'", "line 3"),
        ("\n", "no judgement", "qrels.tsv"),
        (b"1 Q0 a 1\n1 Q0 \xff 1\n", "cannot read the file", "line 2"),
    ],
)
def test_bad_trec_qrels(file, text, message, where):
    with pytest.raises(InputError, match=message) as error:
        read_qrels(file(text))
    assert error.value.where.endswith(where)


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ("q1\td1\t1\n", "expected the header", "line 1"),
        ("", "expected the header", "qrels.tsv"),
        ("query-id\tcorpus-id\nq1\td1\n", "expected the header", "line 1"),
        (HEADER, "no judgement", "qrels.tsv"),
        (HEADER + "q1\td1\n", "found 2 columns", "line 2"),
        (HEADER + "q1 d1 1\n", "found 1 columns", "line 2"),
        (HEADER + "q1\td1\t1.0\n", "not an integer", "line 2"),
    ],
)
def test_bad_beir_qrels(file, text, message, where):
    with pytest.raises(InputError, match=message) as error:
        read_beir_qrels(file(text))
    assert error.value.where.endswith(where)


def test_a_truncated_file(file):
    text = "".join(f"1 Q0 {np.base_repr(n**5, 36)} 1\n" for n in range(2000))
    with pytest.raises(InputError, match="cannot read the file") as error:
        read_qrels(file(gzip.compress(text.encode())[:-2000], "qrels.tsv.gz"))
    assert "qrels.tsv.gz, at or after line" in error.value.where


def test_topics(file):
    topics = read_topics(file("29\tما هي ؟\n32\ta\tb \n"))
    assert [topic[:2] for topic in topics] == [("29", "ما هي ؟"), ("32", "a\tb")]


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ("1\ta\n2 b\n", "found no tab", "line 2"),
        ("1\ta\n2\t \n", "'2' has no text", "line 2"),
        ("\ta\n", "has no id", "line 1"),
        ("1\ta\n2\tb\n1\tc\n", "'1' comes twice, first at .*line 1", "line 3"),
        ("", "no query", "qrels.tsv"),
    ],
)
def test_bad_topics(file, text, message, where):
    with pytest.raises(InputError, match=message) as error:
        read_topics(file(text))
    assert error.value.where.endswith(where)


def test_judgements_by_row(file):
    lines = read_qrels(file("b Q0 x 2\nb Q0 y 0\na Q0 y 1\n"))
    query, candidate = rows_of(lines, "query", {"a": 0, "b": 1}), rows_of(lines, "candidate", {"y": 3, "x": 4})
    judged = as_judgements(lines, query, candidate)
    assert (judged.query.tolist(), judged.candidate.tolist(), judged.grade.tolist()) == (
        [0, 1, 1],
        [3, 4, 3],
        [1, 2, 0],
    )


@pytest.mark.parametrize(
    ("kind", "message"), [("query", "unknown query, 'a'"), ("candidate", "unknown candidate, 'y'")]
)
def test_unknown_ids(file, kind, message):
    lines = read_qrels(file("b Q0 x 2\na Q0 y 1\n"))
    with pytest.raises(InputError, match=message) as error:
        rows_of(lines, kind, {"b": 0, "x": 0})
    assert error.value.where.endswith("qrels.tsv, line 2")
