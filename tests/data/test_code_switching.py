import numpy as np
import pytest
from hydra.utils import instantiate
from omegaconf import OmegaConf

from src.data.code_switching import CodeSwitching
from src.errors import InputError
from tests.command import ROOT

LEXICONS = {
    "en-de.txt": "the die\nthe das\ndog\thund\nhouse haus\nworld welt",
    "en-fr.txt": "the le\ndog chien\nsleeps dort",
    "en-zh.txt": "dog 狗",
    "zh-en.txt": "狗 dog\n我 i\n喜欢 like",
    "zh-ja.txt": "狗 犬",
}
LANGUAGES = ("en", "zh", "th")


@pytest.fixture
def folder(tmp_path):
    for name, content in LEXICONS.items():
        (tmp_path / name).write_text(content + "\n")
    return tmp_path


def make(folder, kind="bilingual", probability=1.0, **options):
    return CodeSwitching(folder, kind, probability, languages=LANGUAGES, seed=1, **options)


def all_switched(switching, text, language=0, draws=200):
    return {switching.switch(text, language, key).text for key in switching.keys("query", 0, np.arange(draws)).tolist()}


def test_one_language_a_text_and_every_known_word_at_p_1(folder):
    text = "The dog, “DOG”, sleeps (here) in the Doghouse."
    assert all_switched(make(folder, pairs=["en-de"]), text) == {
        f"{first} hund, “HUND”, sleeps (here) in {second} Doghouse."
        for first in ("Die", "Das")
        for second in ("die", "das")
    }
    assert all_switched(make(folder, pairs=["en-fr", "en-zh"]), "the dog sleeps") == {"le chien dort", "the 狗 sleeps"}


def test_any_language_a_word_among_those_that_know_it(folder):
    switching = make(folder, "multilingual", pairs=["en-fr", "en-zh"])
    assert all_switched(switching, "the dog sleeps") == {"le chien dort", "le 狗 dort"}


def test_each_draw_is_independent_of_the_others(folder):
    (folder / "en-de.txt").write_text("dog hund\ndog köter")
    (folder / "en-fr.txt").write_text("dog chien\ndog cabot")
    both = {"pairs": ["en-de", "en-fr"], "probability": 0.5}
    for kind in ("bilingual", "multilingual"):
        assert all_switched(make(folder, kind, **both), "dog") == {"dog", "hund", "köter", "chien", "cabot"}


def test_one_capital_letter_is_a_first_letter(folder):
    (folder / "en-de.txt").write_text("i ich")
    assert all_switched(make(folder, pairs=["en-de"]), "I AM, i am") == {"Ich AM, ich am"}


def test_a_script_without_spaces_is_matched_by_its_lexicons(folder):
    assert all_switched(make(folder), "我喜欢狗。", 1) == {"i like dog。", "我喜欢犬。"}
    assert make(folder).switch("我喜欢猫", 1, make(folder).keys("query", 0, np.array([0]))[0]).words == 3


def test_a_language_without_a_lexicon_stays(folder):
    assert make(folder).switch("หมา", 2, 7) == ("หมา", 0, 0)


def test_probability_is_the_share_of_known_words(folder):
    text = " ".join(["dog", "unknown"] * 200)
    for probability in (0.0, 0.25, 0.5, 1.0):
        switched = make(folder, "multilingual", probability).switch(text, 0, 12345)
        assert switched.words == 400
        assert switched.switched / 200 == pytest.approx(probability, abs=0.08)
    assert make(folder, probability=0.0).switch(text, 0, 12345).text == text


def test_keys_differ_by_all_that_names_a_text_and_by_nothing_else(folder):
    switching = make(folder)
    rows = np.arange(64)
    keys = [
        switching.keys(kind, step, rows, place)
        for kind in ("query", "passage", "negative")
        for step in range(4)
        for place in range(3)
    ]
    assert len(np.unique(keys)) == 3 * 4 * 3 * 64
    np.testing.assert_array_equal(make(folder).keys("query", 3, rows[5:9]), switching.keys("query", 3, rows)[5:9])
    other = CodeSwitching(folder, languages=LANGUAGES, seed=2)
    assert not np.intersect1d(other.keys("query", 0, rows), keys[0]).size


def test_draws_of_neighbouring_rows_and_words_are_independent(folder):
    """Each row's pattern of switched words as good as random: shares and correlations within four deviations."""
    switching = make(folder, probability=0.5, pairs=["en-zh"])
    text = " ".join(["dog"] * 40)
    patterns = np.array(
        [
            [word == "狗" for word in switching.switch(text, 0, key).text.split()]
            for key in switching.keys("query", 5, np.arange(400)).tolist()
        ]
    )
    assert abs(patterns.mean() - 0.5) < 4 * 0.5 / np.sqrt(patterns.size)
    assert abs(np.corrcoef(patterns[:-1].ravel(), patterns[1:].ravel())[0, 1]) < 4 / np.sqrt(patterns.size)
    assert abs(np.corrcoef(patterns[:, :-1].ravel(), patterns[:, 1:].ravel())[0, 1]) < 4 / np.sqrt(patterns.size)


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"kind": "trilingual"}, "augmentation.kind"),
        ({"sides": "left"}, "augmentation.sides"),
        ({"probability": 1.5}, "augmentation.probability"),
        ({"probability": -0.1}, "augmentation.probability"),
        ({"pairs": ["en-xx"]}, "augmentation.pairs"),
    ],
)
def test_wrong_options_are_named(folder, options, where):
    with pytest.raises(InputError) as caught:
        make(folder, **{"kind": "bilingual", "probability": 0.5, **options})
    assert where in caught.value.where


def test_the_configuration_makes_it_and_its_files_are_recorded(folder):
    config = OmegaConf.load(ROOT / "conf/augmentation/code_switching.yaml")
    config.folder = str(folder)
    switching = instantiate(config)(languages=LANGUAGES, seed=3)
    assert switching.sources.keys() == LEXICONS.keys()
    assert {len(sha256) for sha256 in switching.sources.values()} == {64}
