import numpy as np
import pytest
import torch

from src.data.row_digest import as_text, digest
from src.training.telemetry import Telemetry
from tests.toy import toy_run


@pytest.fixture
def batches(tmp_path):
    _, _, datamodule = toy_run(tmp_path, negatives=2)
    collate = datamodule.make_training()
    return [collate(elsewhere(datamodule.strategy.plan(step)), slice(0, 8), step, 0) for step in range(3)]


def elsewhere(rows):
    """The same questions, each answered in the next language."""
    return np.column_stack([rows[:, :2], (rows[:, 1] + 1) % 3]).astype(np.int32)


def count(telemetry, batches):
    for batch in batches:
        telemetry.on_train_batch_end(None, None, {"negatives_per_query": torch.tensor(7.0 + batch.step)}, batch, 0)
    return telemetry.totals()


def test_counts_what_the_batches_held(batches):
    totals = count(Telemetry(3), batches)
    rows = np.concatenate([batch.rows for batch in batches])
    assert totals["pairs_seen"] == len(rows) == 24
    for q in range(3):
        for p in range(3):
            assert totals["language_pairs"][q][p] == ((rows[:, 1] == q) & (rows[:, 2] == p)).sum()
    masks = [m for b in batches for side in (b.queries, b.passages, b.negatives) for m in side.attention_mask]
    assert totals["real_tokens"] == sum(int(mask.sum()) for mask in masks)
    assert totals["computed_tokens"] == sum(mask.numel() for mask in masks)
    assert totals["negatives_per_query"] == pytest.approx(8.0)
    assert totals["digest"] == as_text(sum(digest(batch.rows, batch.step) for batch in batches))


def test_micro_batches_have_the_digest_of_their_batch(tmp_path):
    _, _, datamodule = toy_run(tmp_path, negatives=2)
    rows, collate = datamodule.strategy.plan(0), datamodule.make_training()
    halves = [collate(rows, slice(4 * micro, 4 * micro + 4), 0, micro) for micro in range(2)]
    assert count(Telemetry(3), halves)["digest"] == as_text(digest(rows, 0))


def test_goes_on_counting_from_a_checkpoint(batches):
    first, second = Telemetry(3), Telemetry(3)
    count(first, batches[:2])
    second.load_state_dict(first.state_dict())
    assert count(second, batches[2:]) == count(Telemetry(3), batches)


def test_one_rank_goes_on_counting_for_two(batches):
    shares = [Telemetry(3), Telemetry(3)]
    for share, batch in zip(shares, batches, strict=False):
        count(share, [batch])
    both = {"counts": [share.state_dict()["counts"][0] for share in shares]}
    alone = Telemetry(3)
    alone.load_state_dict(both)
    assert count(alone, batches[2:]) == count(Telemetry(3), batches)
