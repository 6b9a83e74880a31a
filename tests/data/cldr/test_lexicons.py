from itertools import permutations

import numpy as np
import pytest

from src.data.cldr.facts import facts
from src.data.cldr.lexicons import entries, lexicon_folder
from src.data.cldr.templates import LANGUAGES
from src.data.code_switching import CodeSwitching
from src.data.lexicon import read_lexicon
from src.data.readers.cldr_facts import read
from src.data.words import normal


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return lexicon_folder(tmp_path_factory.mktemp("cache"))


def test_every_pair_of_languages_has_a_lexicon_that_reads_back(folder):
    assert {path.stem for path in folder.iterdir()} == {f"{a}-{b}" for a, b in permutations(LANGUAGES, 2)}
    for path in folder.iterdir():
        source, target = path.stem.split("-")
        expected: dict[str, set[str]] = {}
        for word, translation in entries(source, target):
            expected.setdefault(normal(word), set()).add(translation)
        assert {word: set(listed) for word, listed in read_lexicon(path).items()} == expected


@pytest.mark.parametrize(
    ("source", "target", "word", "translations"),
    [
        ("en", "de", "Japan", None),  # the same word
        ("en", "es", "Japan", {"Japón"}),
        ("de", "en", "Sonntag", {"Sunday"}),
        ("zh", "de", "日元", {"Japanischer Yen"}),  # any name is a word where no spaces are written
        ("en", "zh", "Japanese Yen", None),
        ("th", "en", "ญี่ปุ่น", {"Japan", "Japanese"}),  # the country and its language
    ],
)
def test_a_word_is_translated_by_the_names_of_what_it_names(source, target, word, translations):
    found = {translation for each, translation in entries(source, target) if each == word}
    assert found == (translations or set())


@pytest.mark.parametrize(("source", "target"), [("en", "de"), ("zh", "en"), ("th", "vi")])
def test_no_entry_tells_a_fact_that_a_language_does_not_tell_by_one_name_for_both(source, target):
    told = {
        (fact.entity_name(source), fact.value_name(target))
        for fact in facts()
        if not any(fact.entity_name(language) == fact.value_name(language) for language in (source, target))
    }
    assert len(told) > 800
    assert not told & set(entries(source, target))


def test_it_is_made_once_and_always_the_same(folder, tmp_path):
    again = lexicon_folder(tmp_path)
    assert again.name == folder.name
    assert all((folder / path.name).read_bytes() == path.read_bytes() for path in again.iterdir())
    stamp = again.stat().st_mtime_ns
    assert lexicon_folder(tmp_path) == again
    assert again.stat().st_mtime_ns == stamp


@pytest.mark.parametrize(("language", "least", "most"), [("en", 0.03, 0.07), ("vi", 0.01, 0.03), ("zh", 0.2, 0.3)])
def test_half_the_known_words_of_the_training_texts_are_switched(folder, tmp_path, language, least, most):
    data = read(tmp_path)
    switching = CodeSwitching(folder, languages=data.train.languages, seed=1)
    number = data.train.languages.index(language)
    ids = data.train.passage[::5]
    texts = [*data.passages.get(ids, np.full(len(ids), number)), *data.questions.get(ids, np.full(len(ids), number))]
    done = [switching.switch(text, number, key) for key, text in enumerate(texts)]
    assert least < sum(each.switched for each in done) / sum(each.words for each in done) < most
