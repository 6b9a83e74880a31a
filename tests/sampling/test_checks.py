from functools import partial

import numpy as np
import pytest

from src.errors import InputError
from src.sampling.annealed import Annealed
from src.sampling.balanced_negatives import BalancedNegatives
from src.sampling.crosslingual import Crosslingual
from src.sampling.grouped import Grouped
from src.sampling.hybrid import Hybrid
from src.sampling.mixed import Mixed
from src.sampling.monolingual import Monolingual
from src.sampling.rowwise import Rowwise
from tests.sampling.indexes import make_index, parallel_index

BOTH = [Hybrid, partial(Annealed, steps=10), Rowwise, BalancedNegatives]  # monolingual and cross-lingual rows
CROSSING = [Crosslingual, Grouped, *BOTH]
STAYING = [Monolingual, Mixed, *BOTH]
ALL = [Monolingual, Mixed, *CROSSING]


def refused(strategy, index, batch_size=4, **settings):
    with pytest.raises(InputError) as error:
        strategy(index, batch_size, 0, **settings)
    assert error.value.where
    return error.value


@pytest.mark.parametrize("strategy", ALL)
@pytest.mark.parametrize("batch_size", [0, -3, 2.0, "8", True, None])
def test_a_batch_size_that_is_none(strategy, batch_size):
    assert refused(strategy, parallel_index(20, 2), batch_size).where == "batch_size"


@pytest.mark.parametrize("strategy", ALL)
def test_no_concept_at_all(strategy):
    error = refused(strategy, parallel_index(0, 2))
    assert (error.where, error.what) == ("dataset", "the training data hold no concept")


@pytest.mark.parametrize("strategy", CROSSING)
def test_one_language_cannot_cross(strategy):
    error = refused(strategy, parallel_index(20, 1))
    assert "'en' only" in error.what
    assert error.where == "dataset.languages"
    assert "sampler=monolingual" in error.fix


@pytest.mark.parametrize("strategy", CROSSING)
def test_data_that_are_not_parallel_cannot_cross(strategy):
    languages = ["0"] * 10 + ["1"] * 10
    error = refused(strategy, make_index(languages, languages))
    assert "in two languages" in error.what
    assert "parallel" in error.fix


@pytest.mark.parametrize("strategy", STAYING)
def test_texts_that_never_share_a_language_cannot_stay_in_one(strategy):
    error = refused(strategy, make_index(["0"] * 10, ["1"] * 10))
    assert "in one language" in error.what
    assert "sampler=crosslingual" in error.fix


@pytest.mark.parametrize("strategy", ALL)
def test_a_language_with_too_few_concepts_is_named_with_its_count(strategy):
    languages = ["012"] * 3 + ["01"] * 20
    error = refused(strategy, make_index(languages, languages), batch_size=5)
    assert "batches of 5 in de (3)" in error.what
    assert "lower batch_size to 3" in error.fix


@pytest.mark.parametrize("strategy", ALL)
def test_a_batch_larger_than_the_data(strategy):
    error = refused(strategy, parallel_index(10, 2), batch_size=11)
    assert "en (10), ar (10)" in error.what


@pytest.mark.parametrize("strategy", ALL)
def test_a_language_that_no_batch_can_use_is_named_unless_weighted_by_size(strategy):
    index = make_index(["01"] * 10, ["01"] * 10, languages=3)
    error = refused(strategy, index)
    assert error.what.endswith("for de")
    assert "proportional" in error.fix
    rows = strategy(index, 4, 0, language_weighting="proportional").plan(0)
    assert rows[:, 1:].max() <= 1


def test_passages_in_one_language_alone_are_enough_to_cross():
    index = make_index(["012"] * 10, ["0"] * 10)
    rows = Crosslingual(index, 4, 0).plan(0)
    assert set(rows[:, 1].tolist()) <= {1, 2}
    assert set(rows[:, 2].tolist()) == {0}


@pytest.mark.parametrize("strategy", ALL)
def test_a_dataset_with_too_few_concepts_is_named(strategy):
    index = parallel_index(23, 2, dataset=[0] * 20 + [1] * 3, datasets=("large", "small"))
    error = refused(strategy, index, dataset_weighting="proportional")
    assert "en (3), ar (3) of dataset 'small'" in error.what
    strategy(index, 4, 0)


@pytest.mark.parametrize("strategy", ALL)
@pytest.mark.parametrize("setting", ["language_weighting", "dataset_weighting"])
def test_a_weighting_that_is_none(strategy, setting):
    assert refused(strategy, parallel_index(20, 2), **{setting: "by size"}).where == f"sampler.{setting}"
    assert refused(strategy, parallel_index(20, 2), **{setting: {"temperature": 0}}).where == f"sampler.{setting}"


@pytest.mark.parametrize("alpha", [-0.1, 1.01, np.nan, "0.5", None, True])
@pytest.mark.parametrize("strategy", [Hybrid, Grouped, Rowwise])
def test_an_alpha_out_of_range(strategy, alpha):
    assert refused(strategy, parallel_index(20, 2), alpha=alpha).where == "sampler.alpha"


@pytest.mark.parametrize("share", [0, 1, 1.0, -0.1, np.nan, "0.5", None, True])
def test_a_share_of_rows_that_leaves_out_a_kind(share):
    error = refused(BalancedNegatives, parallel_index(20, 2), same_language=share)
    assert error.where == "sampler.same_language"
    assert "sampler=monolingual" in error.fix


@pytest.mark.parametrize("strategy", [Rowwise, BalancedNegatives])
def test_datasets_that_can_form_one_kind_of_row_each(strategy):
    questions, passages = ["0"] * 10 + ["1"] * 10 + ["01"] * 10, ["0"] * 10 + ["1"] * 10 + ["2"] * 10
    index = make_index(questions, passages, dataset=[0] * 20 + [1] * 10, datasets=("apart", "across"))
    error = refused(strategy, index, dataset_weighting="uniform", language_weighting="proportional")
    assert error.where == "sampler.dataset_weighting"
    assert strategy(index, 4, 0, language_weighting="proportional").plan(0).shape == (4, 3)


@pytest.mark.parametrize("strategy", [Rowwise, BalancedNegatives])
def test_a_dataset_that_cannot_form_both_kinds_of_row_is_left_out(strategy):
    masks = ["01"] * 20 + ["0"] * 3
    index = make_index(masks, masks, dataset=[0] * 20 + [1] * 3, datasets=("parallel", "english"))
    plan = strategy(index, 5, 0, dataset_weighting="uniform")
    assert max(plan.plan(step)[:, 0].max() for step in range(20)) < 20
    assert plan.describe()["dataset_share"] == {"parallel": 1.0}


def test_no_language_can_ask_both_kinds_of_row():
    index = make_index(["0"] * 10 + ["1"] * 10, ["0"] * 10 + ["0"] * 10)
    error = refused(BalancedNegatives, index, language_weighting="proportional")
    assert "no language" in error.what
    assert "sampler=rowwise" in error.fix
    Rowwise(index, 4, 0, language_weighting="proportional")


def test_a_language_pair_with_too_few_concepts_is_named_with_its_count():
    """20 concepts in en and ar, 20 in en and de, 3 in ar and de: each language has 23 to ask at the least."""
    masks = ["01"] * 20 + ["02"] * 20 + ["12"] * 3
    error = refused(Grouped, make_index(masks, masks), batch_size=5)
    assert "2 language pair(s): ar-de (3), de-ar (3)" in error.what
    assert "lower batch_size to 3" in error.fix
    Crosslingual(make_index(masks, masks), 5, 0)


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"steps": 0}, "sampler.steps"),
        ({"steps": 2.5}, "sampler.steps"),
        ({"steps": True}, "sampler.steps"),
        ({"start": 1.1}, "sampler.start"),
        ({"end": "0"}, "sampler.end"),
        ({"start": 0.5, "end": 0.5}, "sampler.start, sampler.end"),
        ({"schedule": "sine"}, "sampler.schedule"),
        ({"schedule": {"stages": 2}}, "sampler.schedule"),
        ({"schedule": {"steps": 1}}, "sampler.schedule"),
        ({"schedule": {"steps": 2.0}}, "sampler.schedule"),
    ],
)
def test_an_annealing_that_is_none(settings, where):
    assert refused(Annealed, parallel_index(20, 2), **{"steps": 10, **settings}).where == where
