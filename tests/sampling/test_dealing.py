import numpy as np
import pytest

from src.sampling.dealing import EPOCHS, Dealer
from src.sampling.deck import decks_by_language
from src.sampling.eligible import find_eligible
from src.sampling.layout import Runs
from src.sampling.settling import repeats
from tests.sampling.indexes import parallel_index


def dealer(index, batch_size, *, language_per_batch=False, seed=0):
    decks = decks_by_language(index, find_eligible(index, crosslingual=False), crosslingual=False)
    shares = np.full(len(decks), 1 / len(decks))
    layout = Runs(shares, batch_size, batch_size if language_per_batch else 1, seed, "test")
    return Dealer(index, decks, layout, seed=seed, name="test")


@pytest.mark.parametrize("batch_size", [1, 7, 100, 1000])
def test_every_step_has_one_place_in_one_window(batch_size):
    dealt = dealer(parallel_index(5000, 2), batch_size)
    places = [dealt.locate(step) for step in range(3 * dealt.steps)]
    assert len(set(places)) == len(places)
    sizes = [len(dealt.deal(window).concept) for window in range(3)]
    assert sizes == [dealt.steps // 2, dealt.steps, dealt.steps]
    assert places[: sum(sizes)] == [(window, place) for window, size in enumerate(sizes) for place in range(size)]


def test_windows_are_shorter_for_larger_batches():
    index = parallel_index(70_000, 1)
    steps = [dealer(index, batch_size).steps for batch_size in (1, 64, 1024, 65_536)]
    assert steps == sorted(steps, reverse=True)
    assert min(steps) >= 8
    assert all(count % 2 == 0 for count in steps)


def test_exchanges_happen_only_where_a_concept_would_repeat():
    index = parallel_index(30, 3)
    dealt = dealer(index, 8)
    drawn, settled = dealt._draw(1), dealt._deal_aligned(1)
    assert repeats(drawn.concept).any()
    np.testing.assert_array_equal(drawn.deal, settled.deal)
    for deal in np.unique(drawn.deal):
        assert sorted(drawn.concept[drawn.deal == deal]) == sorted(settled.concept[settled.deal == deal])
    assert (drawn.concept == settled.concept).mean() > 0.3


def test_windows_that_have_room_replace_nothing():
    for seed in range(5):
        dealt = dealer(parallel_index(60, 4), 30, seed=seed)
        assert not any(dealt.deal(window).replaced.any() for window in range(4))


def test_stand_ins_fill_batches_as_large_as_the_data():
    dealt = dealer(parallel_index(12, 3), 12)
    hand = dealt.deal(1)
    assert hand.replaced.any()
    assert (np.sort(hand.concept, axis=1) == np.arange(12)).all()


def test_a_language_per_batch_never_splits_an_epoch_over_batches():
    hand = dealer(parallel_index(25, 2), 8, language_per_batch=True)._draw(0)
    assert (hand.deal == hand.deal[:, :1]).all()
    languages, epochs = np.divmod(hand.deal[:, 0], EPOCHS)
    for language in (0, 1):
        assert epochs[languages == language].tolist() == [turn // 3 for turn in range((languages == language).sum())]


def test_batches_avoid_a_passage_or_question_twice():
    passage = np.arange(600) // 5
    question = np.arange(600)[::-1] // 3
    index = parallel_index(600, 2, passage=passage, question=question)
    for language_per_batch in (False, True):
        dealt = dealer(index, 32, language_per_batch=language_per_batch)
        drawn, hand = dealt._draw(1), dealt.deal(1)
        assert repeats(passage[drawn.concept]).mean() > 0.8
        assert repeats(passage[hand.concept]).mean() < 0.05
        assert repeats(question[hand.concept]).mean() < 0.05
