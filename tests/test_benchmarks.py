"""The programs in benchmarks/ run: at sizes that say nothing about speed."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import summary
from benchmarks.drawn_texts import TOKENS, drawn
from benchmarks.recall import grown, unit
from benchmarks.timing import bf16_units

ROOT = Path(__file__).resolve().parents[1]


def run(*arguments: str) -> str:
    """What a program prints."""
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_ratios_are_of_pairs_of_repetitions_and_above_one_where_this_project_is_faster(tmp_path):
    path = tmp_path / "rows"
    summary.add(path, summary.Row("encoding", "texts / CPU s", [40, 90], [20, 30], [40, 100], "encoding"))
    summary.add(path, summary.Row("search", "CPU s", [2, 4], [6, 4], [], "search", more_is_better=False))
    *_, encoding, search = summary.one_table(path).splitlines()
    assert "| 2.50 (2.00 to 3.00) | 0.95 (0.90 to 1.00) |" in encoding
    assert "| 2.00 (1.00 to 3.00) |  | `search` |" in search


@pytest.mark.parametrize(
    ("flags", "told"), [("fpu avx2", "no bfloat16 units"), ("fpu avx512_bf16 amx_bf16", "units: amx_bf16, avx512_bf16")]
)
def test_bfloat16_units_are_read_from_the_flags(tmp_path, flags, told):
    (tmp_path / "cpuinfo").write_text(f"model name\t: Some CPU\nflags\t\t: {flags}\n")
    assert told in bf16_units(tmp_path / "cpuinfo")


def test_drawn_texts_are_as_long_as_the_real_ones():
    lengths = [len(text.split()) + 2 for text in drawn(np.random.default_rng(0), TOKENS["passage"], 1000, 5000)]
    assert np.mean(lengths) == pytest.approx(43, abs=3)
    assert max(lengths) <= 256


def test_a_grown_corpus_keeps_its_real_rows_and_its_shape():
    rng = np.random.default_rng(0)
    plane = np.zeros((200, 16), np.float32)
    plane[:, :2] = rng.standard_normal((200, 2))
    corpus = grown(unit(plane), 1000, rng)
    np.testing.assert_array_equal(corpus[:200], unit(plane))
    np.testing.assert_allclose(np.linalg.norm(corpus, axis=1), 1, atol=1e-5)
    assert not corpus[:, 2:].any()


@pytest.mark.slow
@pytest.mark.parametrize("program", ["training", "encoding", "scoring", "search", "startup"])
def test_each_comparison_ends_in_its_row(program, real_data):
    real_data("xquad_r")
    printed = run("benchmarks", "--tiny", "--repetitions", "1", program)
    assert f"`{program}` |" in printed


@pytest.mark.slow
def test_the_gpu_program_on_a_cpu():
    sizes = ["--layers", "1", "--hidden", "64", "--vocabulary", "1000", "--batch", "8", "--steps", "3"]
    printed = run("benchmarks.gpu", "--device", "cpu", *sizes, "--peak", "0.1", "--repetitions", "1")
    assert "held back from its peak most by: " in printed
    assert "| optimizer and clipping |" in printed
