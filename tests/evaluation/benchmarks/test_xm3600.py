import json

import numpy as np
import pytest

from src.errors import InputError
from src.evaluation.benchmarks.xm3600 import LANGUAGES, load
from src.evaluation.evaluate import score

IMAGES = [
    {
        "image/key": "k1",
        "image/locale": "sw",
        "de": {"caption": ["Ein Hund.", "Der Hund."], "caption/tokenized": ["Ein Hund .", "Der Hund ."]},
        "en": {"caption": ["A dog. ", "The dog."]},
        "bn": {"caption": ["একটি কুকুর"]},
    },
    {
        "image/key": "k2",
        "image/locale": "de",
        "de": {"caption": ["Zwei Katzen."]},
        "en": {"caption": ["Two cats.", "Cats.", "Both cats."]},
        "bn": {"caption": ["দুটি বিড়াল"]},
    },
]


@pytest.fixture
def file(tmp_path):
    return write(tmp_path / "captions.jsonl", IMAGES)


def write(path, images):
    path.write_text("".join(json.dumps(image, ensure_ascii=False) + "\n" for image in images), encoding="utf-8")
    return path


def answers(made, query):
    row = made.queries.ids.index(query)
    return [made.candidates.ids[c] for c in made.judgements.candidate[made.judgements.query == row]]


def test_the_published_layout(file, tmp_path):
    made = load(file, languages=["de", "en", "bn"], cache_dir=tmp_path)
    assert made.name == "xm3600[de,en,bn]"
    assert list(made.queries.ids) == ["de_k1_0", "de_k2_0", "en_k1_0", "en_k2_0", "bn_k1_0", "bn_k2_0"]
    assert list(made.candidates.ids)[:3] == ["de_k1_0", "de_k1_1", "de_k2_0"]
    assert list(made.candidates.texts)[3:5] == ["A dog.", "The dog."]
    assert (np.diff(made.candidates.language) >= 0).all()
    assert made.concept.tolist() == [0, 1, 0, 1, 0, 1]


def test_all_other_captions_of_the_image_are_relevant(file, tmp_path):
    made = load(file, languages=["de", "en", "bn"], cache_dir=tmp_path)
    assert answers(made, "de_k1_0") == ["de_k1_1", "en_k1_0", "en_k1_1", "bn_k1_0"]
    assert answers(made, "bn_k2_0") == ["de_k2_0", "en_k2_0", "en_k2_1", "en_k2_2"]
    assert [made.candidates.ids[row] for row in made.own] == list(made.queries.ids)


def test_a_single_caption_is_asked_in_other_languages_only(file, tmp_path):
    made = load(file, languages=["de", "en", "bn"], cache_dir=tmp_path)
    image = np.array([int("_k2_" in ident) for ident in made.candidates.ids])
    candidates = np.eye(2, dtype=np.float32)[image]
    summary = score(made, candidates[made.own], candidates).summary
    assert {name: values["queries"] for name, values in summary["settings"].items()} == {
        **{"monolingual": 3, "crosslingual": 12, "multilingual": 6}
    }
    assert summary["settings"]["multilingual"]["R@10"] == 1
    assert set(summary["by_language"]["monolingual"]) == {"de", "en"}


def test_the_first_images_are_another_benchmark(file, tmp_path):
    made = load(file, languages=["de", "en"], max_images=1, cache_dir=tmp_path)
    assert made.name == "xm3600[de,en][first-1]"
    assert len(made.candidates) == 4
    assert made.fingerprint != load(file, languages=["de", "en"], cache_dir=tmp_path).fingerprint


@pytest.mark.parametrize(
    ("images", "options", "message"),
    [
        (IMAGES, {"languages": ["xx"]}, "XM3600 has no language 'xx'"),
        (IMAGES, {"languages": ["fr"]}, "no list of captions in 'fr'"),
        ([IMAGES[0], IMAGES[0]], {"languages": ["de"]}, "the image 'k1' comes twice"),
        ([{"de": {"caption": ["a"]}}], {"languages": ["de"]}, "missing column 'image/key'"),
        ([{"image/key": "k", "de": {"caption": [" "]}}], {"languages": ["de"]}, "no list of captions in 'de'"),
    ],
)
def test_bad_input_is_told(tmp_path, images, options, message):
    path = write(tmp_path / "captions.jsonl", images)
    with pytest.raises(InputError, match=message) as error:
        load(path, cache_dir=tmp_path, **options)
    assert "line" in str(error.value.where) or "languages" in str(error.value.where)


def test_without_the_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        load(tmp_path / "captions.jsonl", cache_dir=tmp_path)


def test_there_are_36_languages():
    assert len(set(LANGUAGES)) == 36


def test_all_languages_in_any_order_are_the_benchmark(tmp_path):
    image = {"image/key": "k1", **{code: {"caption": ["one", "other"]} for code in LANGUAGES}}
    path = write(tmp_path / "captions.jsonl", [image])
    for languages in (None, LANGUAGES[::-1]):
        assert load(path, languages=languages, cache_dir=tmp_path).name == "xm3600"
