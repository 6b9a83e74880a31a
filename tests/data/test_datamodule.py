from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from src.data.datamodule import PlannedBatches, RemainingItems, Share, ValidationBatches
from src.errors import InputError
from tests.toy import RoundRobin, toy_collator, toy_data, toy_encoder, toy_run


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    data = toy_data(folder / "data", negatives=3)
    encoder = toy_encoder(data)
    make = lambda index, negatives=2: toy_collator(data, encoder, folder / "cache", index, negatives)  # noqa: E731
    return SimpleNamespace(data=data, encoder=encoder, collator=make)


@pytest.mark.parametrize(("world", "accumulate"), [(1, 1), (2, 1), (1, 2), (2, 2), (4, 1)])
def test_shares_joined_are_the_planned_batch(toy, world, accumulate):
    plan = RoundRobin(toy.data.train, 8)
    batches = [
        PlannedBatches(plan, toy.collator(toy.data.train), Share(8, accumulate, world, rank), steps=3)
        for rank in range(world)
    ]
    assert {len(each) for each in batches} == {3 * accumulate}
    for step in range(3):
        micros = [batches[rank][step * accumulate + micro] for micro in range(accumulate) for rank in range(world)]
        np.testing.assert_array_equal(np.concatenate([batch.rows for batch in micros]), plan.plan(step))
        assert {batch.step for batch in micros} == {step}


def test_a_row_gets_the_same_negatives_however_the_batch_is_split(toy):
    plan = RoundRobin(toy.data.train, 8)
    collate = toy.collator(toy.data.train)
    whole = PlannedBatches(plan, collate, Share(8, 1, 1, 0), 2)[1]
    halves = [PlannedBatches(plan, collate, Share(8, 1, 2, rank), 2)[1] for rank in range(2)]
    np.testing.assert_array_equal(np.concatenate([half.negative_ids for half in halves]), whole.negative_ids)
    assert len(whole.negative_ids) == 16


def test_negatives_belong_to_their_row_and_are_distinct(toy):
    batch = PlannedBatches(RoundRobin(toy.data.train, 8), toy.collator(toy.data.train), Share(8, 1, 1, 0), 1)[0]
    for row in range(8):
        mine = batch.negative_ids[batch.negative_owner == row].tolist()
        known = toy.data.train.negatives.of(batch.rows[row, 0]).tolist()
        assert len(set(mine)) == 2
        assert set(mine) <= set(known)


def test_a_negative_comes_in_the_language_of_the_passage(toy):
    batch = PlannedBatches(RoundRobin(toy.data.train, 8), toy.collator(toy.data.train), Share(8, 1, 1, 0), 1)[0]
    np.testing.assert_array_equal(batch.negative_languages, batch.rows[batch.negative_owner, 2])


def test_tokens_are_those_of_the_texts(toy):
    batch = PlannedBatches(RoundRobin(toy.data.train, 8), toy.collator(toy.data.train), Share(8, 1, 1, 0), 1)[0]
    ids = [row for chunk in batch.queries.input_ids for row in chunk]
    decoded = [toy.encoder.tokenizer.decode(ids[i], skip_special_tokens=True).strip() for i in batch.queries.restore]
    expected = toy.data.questions.get(toy.data.train.question[batch.rows[:, 0]], batch.rows[:, 1])
    assert [text.replace(" ", "") for text in decoded] == [text.replace(" ", "") for text in expected]


def test_a_batch_that_cannot_be_split_says_what_can():
    with pytest.raises(InputError, match="multiple of 6"):
        Share(batch_size=8, accumulate=2, world_size=3, rank=0)


def test_validation_batches_hold_every_pair_once_in_one_language_each(toy):
    batches = ValidationBatches(toy.data.validation, toy.collator(toy.data.validation, 0), batch_size=3, max_batches=99)
    rows = np.concatenate([batches[i].rows for i in range(len(batches))])
    assert len(np.unique(rows, axis=0)) == len(rows) == 8 * 3
    assert all(len(np.unique(batches[i].rows[:, 1:])) == 1 for i in range(len(batches)))


def test_validation_batches_are_of_like_size_and_drawn_from_all_over(toy):
    """Neighbours in an index may be questions on one passage."""
    batches = ValidationBatches(toy.data.validation, toy.collator(toy.data.validation, 0), batch_size=3, max_batches=99)
    assert sorted(len(batches[i].rows) for i in range(len(batches))) == [2, 2, 2, 3, 3, 3, 3, 3, 3]
    assert batches[0].rows[:, 0].tolist() == [0, 3, 6]


def test_a_lone_pair_has_no_negatives_and_makes_no_validation_batch(toy):
    held = np.array([0b111, 0b110, 0b110], np.uint8)
    index = replace(toy.data.validation.select(np.arange(3)), passage_languages=held)
    batches = ValidationBatches(index, toy.collator(index, 0), batch_size=3, max_batches=99)
    assert [batches[i].rows[:, 1].tolist() for i in range(len(batches))] == [[1, 1, 1], [2, 2, 2]]


def test_of_an_odd_number_of_pairs_none_is_left_alone_in_batches_of_two(toy):
    index = toy.data.validation.select(np.arange(5))
    batches = ValidationBatches(index, toy.collator(index, 0), batch_size=2, max_batches=99)
    assert sorted(len(batches[i].rows) for i in range(len(batches))) == [2] * 3 + [3] * 3


def test_validation_is_limited_evenly(toy):
    batches = ValidationBatches(toy.data.validation, toy.collator(toy.data.validation, 0), batch_size=4, max_batches=3)
    assert [batches[i].rows[0, 1] for i in range(len(batches))] == [0, 1, 2]


def test_remaining_items_count_the_whole_run():
    items = RemainingItems(3, 7)
    assert list(items) == [3, 4, 5, 6]
    assert len(items) == 7


def test_a_rank_without_validation_batches_borrows_the_first(tmp_path):
    _, _, datamodule = toy_run(tmp_path)
    datamodule.setup("fit")
    datamodule.trainer = SimpleNamespace(global_rank=99, world_size=100)
    [batch] = datamodule.val_dataloader()
    np.testing.assert_array_equal(batch.rows, datamodule.validation[0].rows)
