import numpy as np

from src.evaluation import parallel_sample as module
from src.evaluation.evaluate import score
from src.evaluation.parallel_sample import parallel_sample
from src.retrieval.embeddings import Embeddings
from tests.evaluation.examples import WORKED, WORKED_SCORES, benchmark, embeddings


def parallel(concepts: int, *, without: dict[int, str] | None = None):
    """Each concept is asked in x and y, and answered in x, y and z but for the one left out."""
    kept = [(c, code) for c in range(concepts) for code in "xyz" if (without or {}).get(c) != code]
    queries = {f"q{code}{c}": code for c in range(concepts) for code in "xy"}
    candidates = {f"{code}{c}": code for c, code in kept}
    judged = [(f"q{asked}{c}", f"{code}{c}") for c, code in kept for asked in "xy"]
    return benchmark("xyz", queries, candidates, judged, concept=[int(name[2:]) for name in queries])


def test_each_language_answers_each_concept_once():
    example = parallel(6)
    vectors = np.random.default_rng(0).normal(size=(18, 5)).astype(np.float32)
    sample = parallel_sample(example, Embeddings.of(vectors))
    assert sample.languages == tuple("xyz")
    assert [f"{'xyz'[i]}{c}" for i, c in zip(sample.language, sample.concept, strict=True)] == sample.ids
    assert sorted(sample.ids) == sorted(example.candidates.ids)
    rows = [example.candidates.ids.index(name) for name in sample.ids]
    np.testing.assert_array_equal(sample.embeddings, vectors[rows].astype(np.float16))


def test_at_most_so_many_concepts_those_in_most_languages_first_and_always_the_same(monkeypatch):
    monkeypatch.setattr(module, "CONCEPTS", 4)
    example = parallel(9, without={0: "x", 1: "y", 2: "z", 3: "x", 4: "y"})
    vectors = np.eye(len(example.candidates), dtype=np.float32)
    first, second = (parallel_sample(example, Embeddings.of(scale * vectors)) for scale in (1, 2))
    assert sorted(set(first.concept.tolist())) == [5, 6, 7, 8]
    assert first.ids == second.ids


def test_of_several_answers_in_a_language_the_first():
    candidates = {"b": "x", "a": "x", "c": "y"}
    example = benchmark("xy", {"q": "x"}, candidates, [("q", name) for name in candidates])
    assert parallel_sample(example, Embeddings.of(np.eye(3, dtype=np.float32))).ids == ["b", "c"]


def test_an_evaluation_of_parallel_texts_leaves_one_and_others_none():
    assert score(WORKED, *embeddings(WORKED_SCORES)).sample.ids == ["x0", "y0"]  # of qx2 only x knows the answer
    apart = benchmark("xy", {"q": "x", "r": "y"}, {"a": "x", "b": "y"}, [("q", "a"), ("r", "b")])
    assert score(apart, *embeddings([[2, 1], [1, 2]])).sample is None
