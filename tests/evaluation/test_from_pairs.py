from dataclasses import replace

import numpy as np
import pytest

from src.data.pair_index import PairIndex
from src.data.texts import ParallelTexts
from src.data.training_data import TrainingData
from src.errors import InputError
from src.evaluation.from_pairs import benchmark_from_pairs
from tests.toy import LANGUAGES, toy_data


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """40 concepts in three languages, the first 8 held out."""
    return toy_data(tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="module")
def uneven(tmp_path_factory):
    """Questions 0-3, passages 0-4 of which 1 and 4 count as the same text; not every language holds everything.

    Held out: question 0 with passage 0; question 1 with passages 1 and 2. Trained on: question 2 with 3, 3 with 4.
    """
    folder = tmp_path_factory.mktemp("uneven")
    questions = {"x": ["x q0", "x q1", "x q2", "x q3"], "y": ["y q0", None, "y q2", "y q3"]}
    passages = {"x": ["x p0", None, "x p2", "x p3", "x p4"], "y": ["y p0", "y p1", None, "y p3", "y p4"]}
    index = PairIndex(
        languages=("x", "y"),
        question=np.array([0, 1, 1, 2, 3], np.int32),
        passage=np.array([0, 1, 2, 3, 4], np.int32),
        question_languages=np.array([3, 1, 1, 3, 3], np.uint8),
        passage_languages=np.array([3, 2, 1, 3, 3], np.uint8),
        dataset=np.zeros(5, np.uint8),
        datasets=("uneven",),
    )
    return TrainingData(
        name="uneven",
        train=index.select(np.array([3, 4])),
        validation=index.select(np.array([0, 1, 2])),
        test=index.select(np.array([1])),
        questions=ParallelTexts.write(folder / "q", ("x", "y"), questions),
        passages=ParallelTexts.write(folder / "p", ("x", "y"), passages, group=np.array([0, 1, 2, 3, 1])),
        sources={"file": "sha"},
        fingerprint="uneven",
    )


def judged(benchmark):
    """Query text -> texts of its relevant candidates."""
    found = {text: set() for text in benchmark.queries.texts}
    for query, candidate in zip(benchmark.judgements.query, benchmark.judgements.candidate, strict=True):
        found[benchmark.queries.texts[query]].add(benchmark.candidates.texts[candidate])
    return found


def test_each_language_asks_and_every_language_answers(toy):
    benchmark = benchmark_from_pairs(toy, "validation")
    assert (benchmark.name, benchmark.languages) == ("toy[validation]", LANGUAGES)
    assert (len(benchmark.queries), len(benchmark.candidates)) == (8 * 3, 40 * 3)
    for query, answers in judged(benchmark).items():
        number = query.split()[3]
        assert {tuple(text.split()[:3]) for text in answers} == {(code, "passage", number) for code in LANGUAGES}
    translations = [benchmark.concept[i] for i, text in enumerate(benchmark.queries.texts) if "about 5 " in text]
    assert len(translations) == 3
    assert len(set(translations)) == 1


def test_the_split_alone_as_pool(toy):
    assert len(benchmark_from_pairs(toy, "validation", pool="split").candidates) == 8 * 3


def test_languages_that_do_not_hold_everything(uneven):
    benchmark = benchmark_from_pairs(uneven, "validation", pool="split")
    assert judged(benchmark) == {"x q0": {"x p0", "y p0"}, "y q0": {"x p0", "y p0"}, "x q1": {"y p1", "x p2"}}
    assert sorted(benchmark.candidates.texts) == ["x p0", "x p2", "y p0", "y p1"]
    assert benchmark.sources == {"file": "sha"}


def test_passages_that_count_as_the_same_are_relevant_too(uneven):
    found = judged(benchmark_from_pairs(uneven, "validation"))
    assert found["x q1"] == {"y p1", "x p2", "x p4", "y p4"}


def test_the_test_split_sees_all_passages_and_validation_none_of_the_test(uneven):
    held_out = replace(uneven, test=uneven.train, train=uneven.train.select(np.array([1])))
    assert {"x p0", "x p3", "x p4"} <= set(benchmark_from_pairs(held_out, "test").candidates.texts)
    assert "x p3" not in benchmark_from_pairs(held_out, "validation").candidates.texts


def test_limits_draw_whole_questions_and_keep_the_answers(toy):
    benchmark = benchmark_from_pairs(toy, "validation", max_queries=10, max_candidates=31, seed=3)
    assert len(benchmark.queries) == 9  # three questions in three languages
    assert np.bincount(benchmark.queries.language).tolist() == [3, 3, 3]
    assert len(benchmark.candidates) == 30  # nine answers and whole passages up to the limit
    assert all(len(answers) == 3 for answers in judged(benchmark).values())


def test_the_seed_decides(toy):
    first, again, other = (
        benchmark_from_pairs(toy, "validation", max_queries=10, max_candidates=31, seed=seed) for seed in (1, 1, 2)
    )
    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_what_cannot_be_made_is_refused(toy):
    with pytest.raises(InputError, match="toy holds out no concepts for test"):
        benchmark_from_pairs(toy, "test")
    with pytest.raises(InputError, match="max_candidates 20 leaves out some of the 24 relevant"):
        benchmark_from_pairs(toy, "validation", max_candidates=20)
