import pickle

from src.sampling.recent import KEPT, Recent

calls = []


def square(number):
    calls.append(number)
    return number * number


def test_recent_results_are_not_computed_again():
    calls.clear()
    remembered = Recent(square)
    assert [remembered(number) for number in (2, 3, 2, 3, 2)] == [4, 9, 4, 9, 4]
    assert calls == [2, 3]


def test_only_the_last_results_are_kept():
    calls.clear()
    remembered = Recent(square)
    for number in [*range(KEPT + 1), 0]:
        remembered(number)
    assert calls == [*range(KEPT + 1), 0]


def test_it_can_be_sent_to_another_process():
    assert pickle.loads(pickle.dumps(Recent(square)))(5) == 25
