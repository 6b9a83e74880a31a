import numpy as np
import pytest

from src.errors import InputError
from src.evaluation.trec import best_of_all, write_judgements, write_run
from tests.evaluation.examples import WORKED, WORKED_SCORES, benchmark, embeddings


def test_a_run_lists_the_best_first(tmp_path):
    write_run(tmp_path / "run", WORKED, best_of_all(WORKED, *embeddings(WORKED_SCORES), depth=3))
    lines = (tmp_path / "run").read_text().splitlines()
    assert len(lines) == 9
    assert lines[:3] == [
        "qx Q0 x0 1 0.899999976 example",
        "qx Q0 x1 2 0.800000012 example",
        "qx Q0 y1 3 0.699999988 example",
    ]
    assert [line.split()[2] for line in lines[3:6]] == ["y0", "x1", "x2"]  # of the tied, the greater id


def test_scores_come_back_as_they_were(tmp_path):
    scores = np.random.default_rng(0).standard_normal((3, 5)).astype(np.float32) / 1e3
    write_run(tmp_path / "run", WORKED, best_of_all(WORKED, *embeddings(scores)))
    written = [line.split() for line in (tmp_path / "run").read_text().splitlines()]
    assert len(written) == 15
    for query, _, candidate, _, value, _ in written:
        assert np.float32(value) == scores[WORKED.queries.ids.index(query), WORKED.candidates.ids.index(candidate)]


def test_judgements_keep_their_grades(tmp_path):
    example = benchmark("x", {"q": "x"}, {"a": "x", "b": "x"}, [("q", "a", 2), ("q", "b", 0)])
    write_judgements(tmp_path / "qrels", example)
    assert (tmp_path / "qrels").read_text() == "q 0 a 2\nq 0 b 0\n"


def test_an_id_with_a_space_cannot_be_written(tmp_path):
    example = benchmark("x", {"my query": "x"}, {"a": "x"}, [("my query", "a")])
    with pytest.raises(InputError, match="'my query' holds a space"):
        write_run(tmp_path / "run", example, best_of_all(example, *embeddings([[1]])))
    assert not (tmp_path / "run").exists()
