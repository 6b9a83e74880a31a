from pathlib import Path

import numpy as np
import pytest

from src.data.tsv_texts import Row, align, read_rows
from src.errors import InputError


def test_rows_keep_quotes_and_further_tabs(tmp_path):
    path = tmp_path / "texts.tsv"
    path.write_bytes(b'3\t"quoted\r\n5\ta\tb\n8\t \n')
    assert list(read_rows(path)) == [Row(3, 1, '"quoted'), Row(5, 2, "a\tb"), Row(8, 3, "")]


def test_a_byte_order_mark_is_no_part_of_the_first_id(tmp_path):
    path = tmp_path / "texts.tsv"
    path.write_bytes("3\tx\n".encode("utf-8-sig"))
    assert list(read_rows(path)) == [Row(3, 1, "x")]


@pytest.mark.parametrize("line", [b"five\ttext", b"5 text", b"5", b"\n", b"5\t\xff"])
def test_a_malformed_line(tmp_path, line):
    path = tmp_path / "texts.tsv"
    path.write_bytes(b"3\tx\n" + line)
    with pytest.raises(InputError, match=r"texts\.tsv, line 2"):
        list(read_rows(path))


def aligned(rows, ids):
    return list(align((Row(i, n, text) for n, (i, text) in enumerate(rows, 1)), np.array(ids), Path("x.tsv")))


def test_texts_follow_the_ids():
    rows = [(1, "a"), (4, "b"), (5, ""), (9, "c")]
    assert aligned(rows, [1, 9]) == ["a", "c"]
    assert aligned(rows, [0, 1, 4, 5, 6, 9, 12]) == [None, "a", "b", None, None, "c", None]
    assert aligned(rows, []) == []
    assert aligned([], [3]) == [None]


@pytest.mark.parametrize("second", [4, 3])
def test_ids_must_ascend(second):
    with pytest.raises(InputError, match=rf"id {second} after 4[^§]*x\.tsv, line 2"):
        aligned([(4, "a"), (second, "b")], [4, 9])


def test_an_id_that_lies_out_of_order_is_not_taken_for_absent():
    with pytest.raises(InputError, match=r"id 4 after 5[^§]*x\.tsv, line 2"):
        aligned([(5, "a"), (4, "b")], [4])


def test_nothing_is_read_beyond_the_last_id_where_none_is_absent():
    rows = iter([Row(1, 1, "a"), Row(2, 2, "b"), Row(3, 3, "c")])
    assert list(align(rows, np.array([1]), Path("x.tsv"))) == ["a"]
    assert [row.id for row in rows] == [2, 3]
