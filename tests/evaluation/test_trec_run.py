import gzip
import tracemalloc

import numpy as np
import pytest

from src.errors import InputError
from src.evaluation.trec_run import Ranked, rank_run


def write(path, *lines: str):
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_scores_rank_and_not_the_rank_column(tmp_path):
    run = write(tmp_path / "run", "q Q0 a 1 0.1 t", "q Q0 b 2 0.3 t", "q Q0 c 3 -2e-1 t", "q Q0 d 4 3 t")
    assert rank_run(run, {"q": {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}}) == {
        "q": Ranked(4, {"a": 3, "b": 2, "c": 4, "d": 1})
    }


def test_of_equal_scores_the_greater_id_is_first(tmp_path):
    ids = ["a", "B", "é", "中", "10", "9", "a1", "\U0001f600"]
    zeros = ["0", "-0", "0.0", "1e-99"] * 2
    run = write(tmp_path / "run", *(f"q Q0 {name} 0 {zero} t" for name, zero in zip(ids, zeros, strict=True)))
    expected = {name: place for place, name in enumerate(sorted(ids, reverse=True), start=1)}
    assert rank_run(run, {"q": dict.fromkeys(ids)})["q"].rank == expected


def test_scores_equal_in_single_precision_are_tied(tmp_path):
    """As for trec_eval, which keeps them so."""
    run = write(tmp_path / "run", "q Q0 a 1 1.00000001 t", "q Q0 b 2 1 t")
    assert rank_run(run, {"q": {"a": 1}})["q"].rank == {"a": 2}


def test_lines_in_any_order_are_read_and_gzipped_ones(tmp_path):
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 9, size=(5, 30))
    lines = [f"q{q} Q0 d{d} 0 {scores[q, d]} t" for q in range(5) for d in range(30)]
    wanted = {f"q{q}": {f"d{d}": 1 for d in range(0, 30, 4)} for q in range(5)}
    together = rank_run(write(tmp_path / "run", *lines), wanted)
    shuffled = "".join(f"{lines[n]}\r\n \n" for n in rng.permutation(len(lines))).replace(" ", "\t")
    (tmp_path / "run.gz").write_bytes(gzip.compress(shuffled.encode()))
    assert rank_run(tmp_path / "run.gz", wanted) == together
    assert all(len(each.rank) == 8 for each in together.values())


def test_one_query_is_held_at_a_time(tmp_path):
    run = write(tmp_path / "run", *(f"q{q} Q0 document{d} {d} {d} t" for q in range(100) for d in range(200)))
    tracemalloc.start()
    assert len(rank_run(run, {f"q{q}": {"document7": 1} for q in range(100)})) == 100
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < run.stat().st_size / 3


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["q Q0 a 1 1 t", "q Q0 b 2 1"], "found 5 columns: 'q Q0 b 2 1'\n  where: RUN, line 2"),
        (["q Q0 a 1 1 my tag"], "expected query Q0 candidate rank score tag, found 7 columns"),
        (["q Q0 a 1 1 t", "", "q Q0 b 2 high t"], "the score 'high' is not a number\n  where: RUN, line 3"),
        (["q Q0 a 1 1 t", "q Q0 b 2 nan t"], "the score nan is not a finite number in single precision"),
        (["q Q0 a 1 1 t", "q Q0 b 2 1e39 t", "r Q0 a 1 1 t"], "the score inf is not a finite number"),
        (["q Q0 a 1 1 t", "", "q Q0 b 2 -inf t", "r Q0 a 1 1 t"], "the score -inf is not .*\n  where: RUN, line 3"),
        (
            ["q Q0 a 1 1 t", "q Q0 b 2 2 t", "", "q Q0 a 1 3 t"],
            "candidate 'a' comes twice for query 'q'\n  where: RUN, line 4\n  fix:   .* first is line 1",
        ),
        (["q Q0 a 1 1 t", "r Q0 a 1 1 t", "q Q0 a 2 2 t"], "'a' comes twice for query 'q'\n  where: RUN, line 3"),
        ([], "the run is empty\n  where: RUN"),
        (["", " "], "the run is empty"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, lines, told):
    run = write(tmp_path / "run", *lines)
    with pytest.raises(InputError, match=told.replace("RUN", str(run))):
        rank_run(run, {})


def test_a_truncated_gz(tmp_path):
    whole = gzip.compress("".join(f"q Q0 d{n} 0 {n} t\n" for n in range(1000)).encode())
    (tmp_path / "run.gz").write_bytes(whole[:-20])
    with pytest.raises(InputError, match="cannot read the file"):
        rank_run(tmp_path / "run.gz", {})
