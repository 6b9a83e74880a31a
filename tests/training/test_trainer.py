"""What the trainer is built from."""

from dataclasses import replace

import pytest
from omegaconf import OmegaConf

from src.errors import InputError
from src.training.trainer import monitored
from tests.evaluation.examples import WORKED, benchmark

ALONE = benchmark("x", {"q": "x"}, {"a": "x"}, [("q", "a")])


def config(monitor, mode="auto"):
    return OmegaConf.create({"callbacks": {"checkpoint": {"monitor": monitor, "mode": mode}}})


@pytest.mark.parametrize(
    ("monitor", "mode", "validated", "retrieval", "expected"),
    [
        ("auto", "auto", True, WORKED, ("val/mAP", "max")),
        ("auto", "auto", True, replace(WORKED, headline="R@1"), ("val/R@1", "max")),
        ("auto", "auto", True, None, ("val/loss", "min")),
        ("auto", "auto", False, None, (None, "max")),
        (None, "auto", True, WORKED, (None, "max")),
        ("val/loss", "auto", True, WORKED, ("val/loss", "min")),
        ("val/rank_distance", "auto", True, WORKED, ("val/rank_distance", "min")),
        ("val/multilingual/mAP", "auto", True, WORKED, ("val/multilingual/mAP", "max")),
        ("val/mAP", "min", True, WORKED, ("val/mAP", "min")),
        ("val/loss", "max", True, None, ("val/loss", "max")),
    ],
)
def test_what_chooses_the_checkpoint(monitor, mode, validated, retrieval, expected):
    assert monitored(config(monitor, mode), validated=validated, retrieval=retrieval) == expected


@pytest.mark.parametrize(
    ("monitor", "validated", "retrieval", "told"),
    [
        ("val/accuracy", True, WORKED, r"val/accuracy is never measured(.|\n)*one of val/loss, val/mAP, .*; or null"),
        ("val/mAP", True, None, r"val/mAP is never measured(.|\n)*one of val/loss; or null"),
        ("val/loss", False, None, r"val/loss is never measured(.|\n)*give the dataset a validation part"),
        ("val/rank_distance", True, ALONE, "val/rank_distance is never measured"),
    ],
)
def test_what_is_never_measured_is_refused(monitor, validated, retrieval, told):
    with pytest.raises(InputError, match=told):
        monitored(config(monitor), validated=validated, retrieval=retrieval)
