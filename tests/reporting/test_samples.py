from pathlib import Path

import numpy as np

from src.evaluation.parallel_sample import ParallelSample
from src.reporting.results import save_results
from src.reporting.samples import read_sample

SAMPLE = ParallelSample(
    np.arange(12, dtype=np.float16).reshape(4, 3),
    ["de_1", "en_1", "de_2", "en_2"],
    np.array([1, 1, 2, 2], np.int32),
    np.array([1, 2, 1, 2], np.int16),
    ("ar", "de", "en"),
)


def test_a_sample_is_read_as_it_was_written(tmp_path: Path, evaluation):
    results = [evaluation(), evaluation(name="other")]
    results[0].sample = SAMPLE
    save_results(tmp_path, results)
    read = read_sample(tmp_path, "toy")
    assert (read.ids, read.languages) == (SAMPLE.ids, SAMPLE.languages)
    for name in ("embeddings", "concept", "language"):
        np.testing.assert_array_equal(getattr(read, name), getattr(SAMPLE, name))
        assert getattr(read, name).dtype == getattr(SAMPLE, name).dtype
    assert read_sample(tmp_path, "other") is None


def test_the_same_sample_gives_the_same_bytes(tmp_path: Path, evaluation):
    files = []
    for name in "ab":
        (tmp_path / name).mkdir()
        result = evaluation()
        result.sample = SAMPLE
        save_results(tmp_path / name, [result])
        files.append((tmp_path / name / "parallel_sample-toy.npz").read_bytes())
    assert files[0] == files[1]


def test_embeddings_cut_to_a_size_leave_none(tmp_path: Path, evaluation):
    cut = evaluation(name="toy@2")
    cut.sample = SAMPLE
    cut.summary["dimension"] = 2
    save_results(tmp_path, [evaluation(), cut])
    assert not list(tmp_path.glob("*.npz"))
