import numpy as np
import pytest

from src.data.triples import read_triples
from src.errors import InputError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "triples.tsv"


def test_columns_of_many_lines(path, tmp_path):
    rows = np.random.default_rng(0).integers(0, 2**31, (5000, 3))
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    columns = read_triples(path, tmp_path)
    assert np.array_equal(np.column_stack(columns), rows)
    assert {column.dtype for column in columns} == {np.dtype(np.int32)}
    assert all(isinstance(column, np.memmap) for column in columns)
    assert np.array_equal(np.column_stack(read_triples(path, tmp_path, limit=1234)), rows[:1234])


def test_the_last_line_needs_no_end_and_windows_ends_are_read(path, tmp_path):
    path.write_bytes(b"1\t2\t3\r\n4\t5\t6")
    assert np.column_stack(read_triples(path, tmp_path)).tolist() == [[1, 2, 3], [4, 5, 6]]


def test_an_empty_file(path, tmp_path):
    path.touch()
    with pytest.raises(InputError, match="three ids"):
        read_triples(path, tmp_path)
