from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from src.reporting.heatmap import save_heatmap


def matrices(languages: int) -> dict[str, np.ndarray]:
    own = np.full((languages, languages), 0.1) + 0.8 * np.eye(languages)
    own[0, 1] = np.nan
    return {"mAP": own, "pooled mAP": own / 2}


@pytest.mark.parametrize("languages", [2, 11, 36])
def test_a_picture_of_sane_size_with_a_bright_diagonal(tmp_path: Path, languages: int):
    path = save_heatmap(tmp_path / "h.png", matrices(languages), [f"l{i}" for i in range(languages)], "toy")
    picture = imread(path)[..., :3]
    height, width, _ = picture.shape
    assert 500 < height < 2000
    assert 800 < width < 3000
    assert path.stat().st_size < 1_000_000
    yellow = (picture[..., 0] > 0.95) & (picture[..., 1] > 0.8) & (picture[..., 2] < 0.4)
    blue = (picture[..., 2] > 1.5 * picture[..., 0]) & (picture.sum(axis=2) < 1.2)
    assert 0.5 / languages < yellow.sum() / max(blue.sum(), 1) * (1 if languages > 2 else 0.5) < 2
    assert [p.name for p in tmp_path.iterdir()] == ["h.png"]


def test_a_matrix_without_any_value_and_one_of_zeros_are_drawn(tmp_path: Path):
    for name, value in {"empty": np.nan, "zero": 0.0}.items():
        path = save_heatmap(tmp_path / f"{name}.png", {"mAP": np.full((2, 2), value)}, ["a", "b"], name)
        assert imread(path).std() > 0.01
