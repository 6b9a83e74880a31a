"""The search against a comparison of all pairs."""

from pathlib import Path

import numpy as np
import pytest

from src.zero_shot import search, sides
from src.zero_shot.grams import grams_of, jaccard
from src.zero_shot.normal import normalised
from src.zero_shot.search import Found, find
from src.zero_shot.sides import training_passages
from tests.zero_shot.examples import training_data
from tests.zero_shot.test_signatures import sentences


def first_similar(held: list[str], trained: list[str], least: float) -> list[int]:
    """Of each text the first copy, else the first that is similar enough, else -1."""
    ones, others = (grams_of([normalised(text) for text in texts]) for texts in (held, trained))
    found = []
    for one, text in enumerate(held):
        alike = [jaccard(ones.of(one), others.of(other)) >= least for other in range(len(trained))]
        copies = [normalised(text) == normalised(other) for other in trained]
        found.append(copies.index(True) if any(copies) else alike.index(True) if any(alike) else -1)
    return found


def joined(parts: list[Found]) -> Found:
    assert len(parts) == 3
    return Found(*(np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])))


@pytest.mark.parametrize(("held", "trained"), [(60, 200), (200, 60)])
@pytest.mark.parametrize("least", [0.6, 0.8])
def test_it_finds_what_a_comparison_of_all_pairs_finds(
    held: int, trained: int, least: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    every = sentences(400, seed=2)
    one, other = every[: 2 * held : 2], [*every[1:61:2], *sentences(trained - 30, seed=3)]
    other[-3:] = [one[0].upper(), one[1] + "!", one[1]]
    data = training_data(tmp_path, {"en": other}, {"en": other})
    expected = first_similar(one, other, least)
    assert -1 in expected
    assert len(set(expected)) > 10
    for chunk, block in ((4096, None), (16, 16), (16, 50)):
        monkeypatch.setattr(sides, "CHUNK", chunk)
        monkeypatch.setattr(search, "TEXTS", chunk)
        found = joined(find([one[:7], [], one[7:]], training_passages(data), least, block))
        assert (found.match // sides.PIECES).tolist() == expected
        assert found.exact.sum() == sum(normalised(text) in map(normalised, other) for text in one)
        assert (found.similarity[found.near] >= np.float32(least)).all()
        assert (found.similarity[~found.near] == 0).all()


def test_exact_copies_alone(tmp_path: Path):
    texts = sentences(20, seed=4)
    data = training_data(tmp_path, {"en": texts}, {"en": texts})
    held = [texts[3].upper(), f"{texts[3]} more", texts[5], texts[5]]
    (found,) = find([held], training_passages(data), None)
    assert (found.match // sides.PIECES).tolist() == [3, -1, 5, 5]
    assert found.exact.tolist() == [True, False, True, True]


@pytest.mark.parametrize(("least", "shared"), [(0.5, 10), (0.7, 14)])
def test_just_similar_enough_is_similar(tmp_path: Path, least: float, shared: int):
    trained = "abcdefghijklmnopqrstuvw"  # of 20 grams
    data = training_data(tmp_path, {"en": [trained]}, {"en": [trained]})
    (found,) = find([[trained[: shared + 3], trained[: shared + 2]]], training_passages(data), least)
    assert found.near.tolist() == [True, False]
    assert found.similarity.tolist() == pytest.approx([least, 0])


def test_what_has_fewer_than_ten_grams_is_compared_as_a_whole_only(tmp_path: Path):
    trained = "abcdefghijklm"  # of 10 grams
    data = training_data(tmp_path, {"en": [trained]}, {"en": [trained]})
    (found,) = find([[trained[:-1], trained + "n"]], training_passages(data), 0.5)
    assert found.near.tolist() == [False, True]


@pytest.mark.parametrize("turned", [False, True])
def test_texts_that_are_read_together_keep_their_places(tmp_path: Path, turned: bool):
    """More than are signed together, and copies among them."""
    every = sentences(600, seed=6)
    trained, near = [every[0]] * 3 + every[2::2], [every[1], every[561], every[597]]
    data = training_data(tmp_path, {"en": trained}, {"en": trained})
    held = near + ([f"{number} {number}" for number in range(len(trained))] if turned else [])
    (found,) = find([held], training_passages(data), 0.7)
    assert (found.match[:3] // sides.PIECES).tolist() == [0, 282, 300]
    assert not found.exact.any()


@pytest.mark.parametrize(
    ("held", "split", "told"),
    [
        (10, False, "compared 20 of about 20 texts with 10"),
        (30, False, "compared 30 of about 30 texts with 20"),
        (30, True, "compared 20 of about 120 texts with 30"),  # a passage is taken to be of five sentences
    ],
)
def test_the_side_with_fewer_texts_is_indexed(tmp_path: Path, monkeypatch, caplog, held: int, split: bool, told: str):
    monkeypatch.setattr(search, "EVERY", -1.0)
    every = sentences(100, seed=7)[::2]
    data = training_data(tmp_path, {"en": every[:20]}, {"en": every[:20]})
    with caplog.at_level("INFO"):
        find([every[20 : 20 + held]], training_passages(data, sentences=split), 0.7)
    assert caplog.messages == [told]
