from pathlib import Path

import numpy as np
import pytest

from src.plotting.case import Case
from src.plotting.embedding_map import JOINED, embedding_map, principal_plane
from tests.plotting.conftest import case_of
from tests.plotting.toy import CONCEPTS, compared, sample_of, strategies, write


def test_the_plane_holds_the_most_variance():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(200, 4)) * [1, 5, 0.5, 3] + 7
    plane = principal_plane(points)
    total = points.var(axis=0).sum()
    np.testing.assert_allclose(plane.points.var(axis=0) / total, plane.explained)
    assert plane.explained[0] == pytest.approx(25 / 35.25, abs=0.05)
    assert abs(np.corrcoef(plane.points[:, 0], points[:, 1])[0, 1]) > 0.99
    np.testing.assert_allclose(principal_plane(points[:, ::-1]).points, plane.points)  # signs are no accident


def test_one_dimension_is_a_line_in_the_plane():
    plane = principal_plane(np.array([[1.0], [2.0], [6.0]]))
    np.testing.assert_allclose(plane.points, [[-2, 0], [-1, 0], [3, 0]])
    assert plane.explained == (1, 0)


def test_the_first_seed_of_each_group_by_language(case: Case):
    (drawn,), notes = embedding_map(case)
    axis = drawn.canvas.axes[0]
    assert axis.get_title(loc="left") == f"{case.groups[0].label} (seed 1)"
    choice = case.groups[0].label.removeprefix("sampler=")
    sample = sample_of(choice, 1)
    plane = principal_plane(sample.embeddings)
    dots = {each.get_label(): each for each in axis.collections if each.get_label() in sample.languages}
    for number, code in enumerate(sample.languages):
        np.testing.assert_allclose(dots[code].get_offsets(), plane.points[sample.language == number])
    rays = len(axis.collections) - len(dots)
    assert rays == min(JOINED, CONCEPTS)
    assert axis.get_xlabel() == f"component 1 ({plane.explained[0]:.0%} of variance)"
    assert not notes


def test_groups_whose_runs_left_no_sample_are_named(tmp_path: Path):
    strategies(tmp_path)
    write(tmp_path, "old", 1, sample=False)
    (drawn,), notes = embedding_map(case_of(compared(tmp_path)))
    assert len([axis for axis in drawn.canvas.axes if axis.get_title(loc="left")]) == 3
    assert notes[0].startswith("No map of sampler=old")
