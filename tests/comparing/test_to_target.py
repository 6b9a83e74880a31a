import numpy as np
import pytest

from src.comparing.to_target import Target, choose_target, crossing, family
from src.errors import InputError
from src.reporting.curves import Curve


def curve(*values: float, timed: bool = True) -> Curve:
    steps = 10.0 * np.arange(1, len(values) + 1)
    return Curve(steps, np.array(values), steps / 5 if timed else np.full(len(values), np.nan))


def test_the_first_crossing_lies_between_two_validations():
    found = crossing(curve(0.1, 0.2, 0.4, 0.3, 0.5), Target("val/mAP", 0.25))
    assert (found.steps, found.seconds, found.at_once) == (pytest.approx(22.5), pytest.approx(4.5), False)
    assert crossing(curve(0.1, 0.2, 0.4), Target("val/mAP", 0.2)).steps == 20
    assert crossing(curve(0.1, 0.2), Target("val/mAP", 0.3)) is None


def test_what_is_reached_at_the_first_validation_is_a_bound():
    found = crossing(curve(0.3, 0.4), Target("val/mAP", 0.2))
    assert (found.steps, found.seconds, found.at_once) == (10, 2, True)


def test_without_time_there_are_still_steps():
    found = crossing(curve(0.1, 0.3, timed=False), Target("val/mAP", 0.2))
    assert (found.steps, found.seconds) == (pytest.approx(15), None)


def test_a_rank_distance_falls_to_its_target():
    assert crossing(curve(90, 50, 60), Target("val/rank_distance", 70)).steps == pytest.approx(15)


def test_the_target_that_every_run_reaches():
    curves = [{"val/loss": curve(1), "val/mAP": curve(0.1, 0.5, 0.4)}, {"val/mAP": curve(0.2, 0.3)}]
    assert choose_target(None, curves) == Target("val/mAP", 0.3)
    assert choose_target("val/mAP", curves) == Target("val/mAP", 0.3)
    assert choose_target("val/mAP:0.45", curves) == Target("val/mAP", 0.45)
    distances = [{"val/rank_distance": curve(90, 50, 60)}, {"val/rank_distance": curve(80, 70)}]
    assert choose_target("val/rank_distance", distances) == Target("val/rank_distance", 70)


@pytest.mark.parametrize("headline", ["val/mAP", "val/nDCG@10"])
def test_unasked_it_is_the_mean_of_the_settings(headline):
    names = ["val/loss", f"val/multilingual/{headline[4:]}", "val/rank_distance", headline]
    assert choose_target(None, [{name: curve(0.1, 0.2) for name in names}]).metric == headline


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("val/loss:0.3", "does not compare between batch sizes"),
        ("val/mRR", "one of val/mAP"),
        ("val/mAP:high", "'high' is no number"),
    ],
)
def test_targets_that_cannot_be(asked, told):
    with pytest.raises(InputError, match=told):
        choose_target(asked, [{"val/loss": curve(1), "val/mAP": curve(0.1)}])


def test_a_family_is_a_name_without_its_batch_size():
    assert family("sampler=hybrid batch_size=16") == "sampler=hybrid"
    assert family("batch_size=16") == family("the usual") == ""
