from collections.abc import Iterator
from pathlib import Path

import pytest
from matplotlib import rc_context

from src.comparing.comparing import Comparison
from src.plotting.case import Case, cases
from src.plotting.style import RC, looks_of
from tests.plotting.toy import alphas, strategies


def case_of(comparison: Comparison) -> Case:
    (case,) = cases(comparison, looks_of(group.label for group in comparison.groups))
    return case


@pytest.fixture(autouse=True)
def style() -> Iterator[None]:
    """Figures that a test makes by itself look as `draw` makes them."""
    with rc_context(RC):
        yield


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    return strategies(tmp_path_factory.mktemp("strategies"))


@pytest.fixture(scope="module")
def case(comparison: Comparison) -> Case:
    return case_of(comparison)


@pytest.fixture(scope="module")
def alpha_case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case_of(alphas(tmp_path_factory.mktemp("alphas")))


@pytest.fixture
def one_seed(tmp_path: Path) -> Comparison:
    return strategies(tmp_path, seeds=(1,))
