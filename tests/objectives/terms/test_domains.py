from dataclasses import replace

import pytest
import torch

from src.errors import InputError
from src.objectives.terms.domains import domains_of, own_texts, recognition
from tests.objectives.terms.made_step import SETUP, made_step, unit


def test_domains_are_the_datas_languages_or_datasets():
    assert domains_of(SETUP, "language", "adversarial") == ("de", "en", "fr")
    assert domains_of(SETUP, "dataset", "adversarial") == ("faq", "wiki")


def test_texts_of_both_sides_each_with_its_domain():
    step = made_step(unit(2), unit(2, seed=1), [0, 1], [2, 2], datasets=[1, 0])
    embeddings, languages = own_texts(step, ("query", "passage"), "language")
    torch.testing.assert_close(embeddings, torch.cat([unit(2), unit(2, seed=1)]))
    assert languages.tolist() == [0, 1, 2, 2]
    assert own_texts(step, ("query", "passage"), "dataset")[1].tolist() == [1, 0, 1, 0]
    assert own_texts(step, ("passage",), "language")[1].tolist() == [2, 2]


def test_accuracy_stands_beside_the_share_of_the_most_frequent_domain():
    logits = torch.eye(3)[[0, 0, 1, 2, 0]]
    found = recognition(logits, torch.tensor([0, 1, 1, 1, 0]))
    assert found["accuracy"].item() == pytest.approx(3 / 5)
    assert found["chance"].item() == pytest.approx(3 / 5)


def test_one_domain_is_refused_with_what_to_do():
    one_dataset = replace(SETUP, datasets=("faq",))
    with pytest.raises(InputError, match=r"one dataset, faq") as error:
        domains_of(one_dataset, "dataset", "modir")
    assert error.value.where == "terms.modir.domain=dataset"
    assert "terms.modir.domain=language" in error.value.fix
    with pytest.raises(InputError) as error:
        domains_of(replace(one_dataset, languages=("en",)), "language", "modir")
    assert "domain=dataset" not in error.value.fix


def test_an_unknown_domain_is_refused():
    with pytest.raises(InputError, match=r"language, dataset"):
        domains_of(SETUP, "topic", "modir")
