import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from src.sampling.settling import repeats, settle


def settled(ids, deal, seed=0):
    order = settle(ids, deal, np.random.default_rng(seed))
    return order, ids.reshape(-1, ids.shape[-1])[order].reshape(ids.shape)


def hands(rng, batches, rows, concepts, deals):
    """Deals whose concepts differ, spread over the batches; concepts, passages (two a passage) and questions."""
    deal = rng.integers(deals, size=(batches, rows))
    concept = np.empty_like(deal)
    for each in range(deals):
        here = deal == each
        concept[here] = rng.permutation(concepts)[: here.sum()]
    return np.stack([concept, concept // 2, concept], axis=-1), deal


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 999), batches=st.integers(2, 12), rows=st.integers(1, 10), deals=st.integers(1, 4))
def test_each_deal_keeps_its_concepts(seed, batches, rows, deals):
    ids, deal = hands(np.random.default_rng(seed), batches, rows, batches * rows, deals)
    order, after = settled(ids, deal)
    assert sorted(order.tolist()) == list(range(batches * rows))
    assert (deal.ravel()[order] == deal.ravel()).all()
    for each in range(deals):
        assert sorted(after[deal == each][:, 0].tolist()) == sorted(ids[deal == each][:, 0].tolist())


def test_no_batch_holds_a_concept_twice_where_there_is_room():
    rng = np.random.default_rng(0)
    for seed in range(20):
        ids, deal = hands(rng, batches=16, rows=10, concepts=60, deals=4)
        assert repeats(ids[..., 0]).any()
        assert not repeats(settled(ids, deal, seed)[1][..., 0]).any()


def test_passages_part_as_well():
    ids, deal = hands(np.random.default_rng(1), batches=16, rows=10, concepts=120, deals=2)
    assert repeats(ids[..., 1]).sum() > 4
    assert not repeats(settled(ids, deal)[1]).any()


def test_concepts_part_where_passages_cannot():
    for seed in range(20):
        ids, deal = hands(np.random.default_rng(seed), batches=6, rows=10, concepts=40, deals=3)
        ids[..., 1] = ids[..., 0] % 3
        assert not repeats(settled(ids, deal, seed)[1][..., 0]).any()


def test_a_concept_is_never_doubled_to_part_a_passage_and_a_question():
    """The only exchange, of (2, 10, 20) for (3, 30, 40), would part two of them and bring a second 2 to its batch."""
    ids = np.array([[[1, 10, 20], [2, 10, 20]], [[3, 30, 40], [2, 50, 60]]])
    order, _ = settled(ids, deal=np.array([[0, 1], [1, 2]]))
    assert order.tolist() == [0, 1, 2, 3]
    ids[1, 1, 0] = 4
    order, _ = settled(ids, deal=np.array([[0, 1], [1, 2]]))
    assert order.tolist() == [0, 2, 1, 3]


def test_what_is_not_crowded_stays_in_place():
    ids = np.arange(24).reshape(4, 6, 1)
    order, _ = settled(ids, np.zeros((4, 6), dtype=int))
    assert order.tolist() == list(range(24))


def test_the_impossible_ends_and_changes_nothing_else():
    ids = np.zeros((3, 2, 1), dtype=int)
    order, after = settled(ids, np.arange(6).reshape(3, 2))
    assert order.tolist() == list(range(6))
    assert repeats(after[..., 0]).all()


def test_repeats_looks_at_each_kind_by_itself():
    ids = np.array([[[1, 2], [2, 1]], [[1, 5], [3, 5]]])
    assert repeats(ids).tolist() == [False, True]
    assert repeats(ids[..., 0]).tolist() == [False, False]


def test_an_exchange_that_only_moves_the_crowding_is_not_made():
    ids = np.array([[[1], [1]], [[3], [1]]])
    order, _ = settled(ids, deal=np.array([[0, 1], [1, 2]]))
    assert order.tolist() == [0, 1, 2, 3]
