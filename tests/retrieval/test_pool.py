import numpy as np

from src.retrieval.pool import Pool

IDS = ["b", "a10", "a9", "ä", "z", "Z", "𝔞", "\uffee"]


def test_ids_are_ordered_as_bytes_of_utf_8_are():
    """trec_eval compares bytes."""
    pool = Pool.of(IDS, np.zeros(len(IDS), int), 1)
    assert [IDS[i] for i in pool.best_id_first] == sorted(IDS, key=str.encode, reverse=True)
    assert pool.id_order[pool.best_id_first].tolist() == list(range(len(IDS)))[::-1]


def test_candidates_in_language_order_are_not_copied():
    grouped = Pool.of(IDS, np.array([0, 0, 0, 2, 2, 2, 2, 3]), 5)
    assert grouped.by_language == slice(None)
    assert grouped.offsets.tolist() == [0, 3, 3, 7, 8, 8]


def test_candidates_in_any_order_are_grouped():
    mixed = Pool.of(IDS, np.array([1, 0, 1, 0, 1, 1, 0, 0]), 2)
    assert mixed.by_language.tolist() == [1, 3, 6, 7, 0, 2, 4, 5]
    assert mixed.offsets.tolist() == [0, 4, 8]
