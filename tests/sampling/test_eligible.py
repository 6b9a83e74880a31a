import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.sampling import eligible
from src.sampling.eligible import find_eligible, find_pairs
from tests.sampling.indexes import make_index, parallel_index, patchy_index, usable


def concepts_of(found, language):
    subset = found.asked[language]
    return set(subset.select(np.arange(subset.count)).tolist())


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 999), concepts=st.integers(1, 150), languages=st.integers(1, 10), crosslingual=st.booleans())
def test_agrees_with_reading_concept_by_concept(seed, concepts, languages, crosslingual):
    index = patchy_index(np.random.default_rng(seed), concepts, languages, held=0.5)
    found = find_eligible(index, crosslingual)
    expected = [usable(index, language, crosslingual=crosslingual) for language in range(languages)]
    assert [concepts_of(found, language) for language in range(languages)] == expected
    assert found.sizes.tolist() == [len(each) for each in expected]
    assert found.concepts == len(set().union(*expected))


def test_one_language_never_crosses():
    index = make_index(["0", "0", "01", "1", ""], ["0", "1", "0", "", "01"])
    found = find_eligible(index, crosslingual=True)
    assert [concepts_of(found, language) for language in (0, 1)] == [{1}, {2}]
    assert found.answered.tolist() == [1, 1]
    assert found.concepts == 2


def test_answered_counts_passages_whose_question_is_elsewhere():
    index = make_index(["12", "2", "0"], ["0", "02", "0"])
    assert find_eligible(index, crosslingual=True).answered.tolist() == [2, 0, 0]


@pytest.mark.parametrize("crosslingual", [False, True])
def test_a_dataset_is_found_wherever_its_concepts_lie(crosslingual):
    rng = np.random.default_rng(1)
    dataset = rng.integers(0, 3, 200)
    index = patchy_index(rng, 200, 4, dataset=dataset, datasets=("a", "b", "c", "empty"))
    for number in range(3):
        found = find_eligible(index, crosslingual, number)
        for language in range(4):
            allowed = usable(index, language, crosslingual=crosslingual) & set(
                np.flatnonzero(dataset == number).tolist()
            )
            assert concepts_of(found, language) == allowed
    assert find_eligible(index, crosslingual, 3).concepts == 0


def test_large_data_are_read_in_chunks(monkeypatch):
    index = patchy_index(np.random.default_rng(2), 500, 3)
    whole = find_eligible(index, crosslingual=True)
    monkeypatch.setattr(eligible, "CHUNK", 64)
    pieces = find_eligible(index, crosslingual=True)
    assert [concepts_of(pieces, language) for language in range(3)] == [
        concepts_of(whole, language) for language in range(3)
    ]
    assert pieces.answered.tolist() == whole.answered.tolist()


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 999), concepts=st.integers(1, 150), languages=st.integers(1, 6), number=st.none() | st.just(1)
)
def test_pairs_agree_with_reading_concept_by_concept(seed, concepts, languages, number):
    rng = np.random.default_rng(seed)
    index = patchy_index(rng, concepts, languages, held=0.3, dataset=rng.integers(0, 2, concepts), datasets=("a", "b"))
    expected = {}
    for query in range(languages):
        for passage in range(languages):
            found = {
                concept
                for concept in range(concepts)
                if index.question_languages[concept] >> query & 1
                and index.passage_languages[concept] >> passage & 1
                and (number is None or index.dataset[concept] == number)
            }
            if found and query != passage:
                expected[query, passage] = found
    pairs = find_pairs(index, number)
    assert {pair: set(each.select(np.arange(each.count)).tolist()) for pair, each in pairs.items()} == expected


def test_constant_masks_need_no_memory():
    index = parallel_index(1000, 9)
    everywhere = np.broadcast_to(index.question_languages[:1], 1000)
    object.__setattr__(index, "question_languages", everywhere)
    object.__setattr__(index, "passage_languages", everywhere)
    found = find_eligible(index, crosslingual=True)
    assert found.sizes.tolist() == [1000] * 9
    assert all("_words" not in vars(subset) for subset in found.asked)


def test_the_highest_of_64_languages_counts():
    masks = [1 << 63 | 1] * 5
    found = find_eligible(make_index(masks, masks, languages=64), crosslingual=True)
    assert found.sizes.tolist() == [5] + [0] * 62 + [5]
