import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.sampling.balanced_negatives import BalancedNegatives
from src.sampling.census import take_census
from tests.sampling.indexes import make_index, parallel_index, patchy_index, usable
from tests.sampling.laws import assert_epochs, assert_fits, assert_lawful, assert_pure, plans


def negatives_in_own_language(batch):
    """For each question, how many of the other rows' passages are in its language, counted one by one."""
    return [
        sum(passage == query for other, (_, _, passage) in enumerate(batch.tolist()) if other != row)
        for row, (_, query, _) in enumerate(batch.tolist())
    ]


@pytest.mark.parametrize(("share", "batch_size"), [(0.5, 16), (0.25, 12), (0.75, 8), (0.3, 10), (0.4, 12), (0.01, 8)])
def test_every_question_meets_the_share_of_negatives_in_its_language(share, batch_size):
    rows = plans(BalancedNegatives(parallel_index(200, 4), batch_size, 1, share), range(150))
    for batch in rows:
        wanted = {int(np.floor(share * batch_size)), int(np.ceil(share * batch_size))}
        own = batch[:, 1] == batch[:, 2]
        assert own.sum() in wanted
        found = np.array(negatives_in_own_language(batch))
        np.testing.assert_array_equal(found, own.sum() - own)
        assert (np.abs(found - share * (batch_size - 1)) < 2).all()
    of_passages = (rows[..., 1] == rows[..., 2]).sum()
    assert abs(of_passages - share * batch_size * 150) < 4  # a row a language


def test_all_questions_of_a_batch_are_in_one_language():
    rows = plans(BalancedNegatives(parallel_index(200, 3), 10, 0), range(100))
    assert (rows[..., 1] == rows[:, :1, 1]).all()
    assert len(set(rows[0][:, 2].tolist())) == 3


def test_a_passages_language_tells_nothing_of_its_relevance():
    """Over all rows, positives are in the question's language as often as negatives, to 1 / (batch size - 1)."""
    rows = plans(BalancedNegatives(parallel_index(200, 3), 20, 0, 0.4), range(100))
    positives = (rows[..., 1] == rows[..., 2]).mean()
    negatives = np.mean([negatives_in_own_language(batch) for batch in rows]) / 19
    assert positives == pytest.approx(0.4)
    assert abs(negatives - positives) < 1 / 19


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 999),
    concepts=st.integers(20, 120),
    languages=st.integers(2, 5),
    size=st.floats(0.05, 1),
    share=st.floats(0.01, 0.99),
)
def test_laws(seed, concepts, languages, size, share):
    index = patchy_index(np.random.default_rng(seed), concepts, languages, held=0.9)
    kinds = [len(usable(index, each, crosslingual=kind)) for each in range(languages) for kind in (False, True)]
    batch_size = max(1, int(size * min(kinds)))
    rows = plans(BalancedNegatives(index, batch_size, seed, share), range(100))
    assert_lawful(rows, index)
    same = rows[..., 1] == rows[..., 2]
    assert (rows[..., 1] == rows[:, :1, 1]).all()
    if 2 * batch_size <= min(kinds):
        for crosslingual, part in ((False, same), (True, ~same)):
            assert_epochs(rows[part][:, None], index, crosslingual=crosslingual, drop_tail=False)


def test_pure():
    index = patchy_index(np.random.default_rng(0), 90, 3)
    assert_pure(lambda: BalancedNegatives(index, 7, 3, 0.3), [0, 1, 2, 63, 64, 65, 200, 4000, 123_456])


@pytest.mark.parametrize("weighting", ["uniform", "proportional"])
def test_language_pairs_are_drawn_as_expected(weighting):
    index = make_index(["012"] * 100 + ["01"] * 150 + ["0"] * 50, ["012"] * 100 + ["01"] * 150 + ["0"] * 50)
    plan = BalancedNegatives(index, 20, 1, language_weighting=weighting)
    expected, pairs = plan.expected(), take_census(plan, range(800)).pairs
    assert_fits(pairs.sum(axis=1) / 20, expected.sum(axis=1))  # draws: one for the 20 rows of a batch
    for query in range(3):
        assert pairs[query, query] == pairs[query].sum() / 2
        others = np.arange(3) != query
        assert_fits(pairs[query, others], expected[query, others] / expected[query, others].sum())


def test_the_record_names_the_share():
    record = BalancedNegatives(parallel_index(100, 2), 10, 0, 0.3).describe()
    assert (record["strategy"], record["same_language"]) == ("balanced_negatives", 0.3)
    assert record["query_share"] == pytest.approx({"en": 0.5, "ar": 0.5})


def test_a_language_counts_by_the_fewer_of_the_concepts_for_its_two_kinds_of_row():
    questions, passages = ["0"] * 60 + ["01"] * 30 + ["1"] * 60, ["0"] * 60 + ["01"] * 30 + ["0"] * 60
    plan = BalancedNegatives(make_index(questions, passages), 8, 0, language_weighting="proportional")
    np.testing.assert_allclose(plan.expected().sum(axis=1), [0.5, 0.5])  # 90 and 30 in en, 30 and 90 in ar
