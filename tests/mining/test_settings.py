import numpy as np
import pytest

from src.errors import InputError
from src.mining.settings import Mining


def test_the_bound_lies_below_the_positive_whatever_its_sign():
    positive = np.array([1.0, 0.5, 0.0, -0.5])
    assert Mining(max_share_of_positive=0.9).bound(positive) == pytest.approx([0.9, 0.45, 0.0, -0.55])
    assert Mining(max_share_of_positive=None, margin=0.2).bound(positive) == pytest.approx([0.8, 0.3, -0.2, -0.7])
    assert Mining(max_share_of_positive=0.9, margin=0.08).bound(positive) == pytest.approx([0.9, 0.42, -0.08, -0.58])
    assert np.isinf(Mining(max_share_of_positive=None).bound(positive)).all()


@pytest.mark.parametrize(
    ("options", "where", "told"),
    [
        ({"ranks": (50, 10)}, "ranks", r"reversed[^§]*ranks=\[10,50\]"),
        ({"ranks": (0, 10)}, "ranks", "two whole numbers from 1 on"),
        ({"ranks": (1, 2, 3)}, "ranks", "two whole numbers"),
        ({"ranks": (1.5, 2)}, "ranks", "two whole numbers"),
        ({"ranks": 10}, "ranks", "got 10"),
        ({"ranks": "10"}, "ranks", "got '10'"),
        ({"max_share_of_positive": 0}, "max_share_of_positive", "above 0 and at most 1"),
        ({"max_share_of_positive": 1.1}, "max_share_of_positive", "got 1.1"),
        ({"max_share_of_positive": float("nan")}, "max_share_of_positive", "got nan"),
        ({"max_share_of_positive": "x"}, "max_share_of_positive", "got 'x'"),
        ({"margin": -0.1}, "margin", "from 0 on"),
        ({"margin": float("inf")}, "margin", "got inf"),
        ({"languages": "all"}, "languages", "one of same, other, any"),
        ({"draw": "best"}, "draw", "one of top, random"),
        ({"negatives": 0}, "negatives", "from 1 on"),
    ],
)
def test_options_out_of_range(options, where, told):
    with pytest.raises(InputError, match=told) as error:
        Mining(**options)
    assert error.value.where == where


def test_who_asks_and_where_each_looks():
    codes = ("de", "en", "fr")
    assert Mining().asking(codes) == [0, 1, 2]
    assert Mining(query_languages=["fr", "de"]).asking(codes) == [2, 0]
    assert Mining(query_languages="fr").asking(codes) == [2]
    for wanted in ([], ["de", "de"], ["es"]):
        with pytest.raises(InputError, match="language"):
            Mining(query_languages=wanted).asking(codes)
    asked_in = np.array([0, 1, 2])
    assert Mining(languages="same").looks_in(asked_in, 1).tolist() == [False, True, False]
    assert Mining(languages="other").looks_in(asked_in, 1).tolist() == [True, False, True]
    assert Mining(languages="any").looks_in(asked_in, 1).all()
