from collections import Counter

import pytest

from src.data.cldr.facts import Fact, facts
from src.data.cldr.templates import LANGUAGES, templates
from src.data.cldr.wording import answer, question

YEN = Fact("currency", "JP", "JPY")
SWAHILI = Fact("official_language", "KE", "sw")
CAIRO = Fact("zone_place", "EG", "Africa/Cairo")
PERSIAN = Fact("script", "fa", "Arab")
HEBREW = Fact("direction", "he", "rtl")


@pytest.mark.parametrize(
    ("fact", "language", "names"),
    [
        (YEN, "de", ("Japan", "Japanischer Yen")),
        (YEN, "en", ("Japan", "Japanese Yen")),
        (YEN, "ru", ("Япония", "японская иена")),
        (YEN, "zh", ("日本", "日元")),
        (SWAHILI, "el", ("Κένυα", "Σουαχίλι")),
        (SWAHILI, "th", ("เคนยา", "ภาษาสวาฮีลี")),
        (CAIRO, "ar", ("مصر", "القاهرة")),
        (CAIRO, "tr", ("Mısır", "Kahire")),
        (PERSIAN, "hi", ("फ़ारसी", "अरबी")),
        (PERSIAN, "vi", ("Tiếng Ba Tư", "Chữ Ả Rập")),
        (HEBREW, "es", ("ebreo", "de derecha a izquierda")),
        (Fact("first_weekday", "EG", "5"), "de", ("Ägypten", "Samstag")),
        (Fact("continent", "BR", "019"), "es", ("Brasil", "América")),
        (Fact("standard_time", "FR", "Europe_Central"), "en", ("France", "Central European Standard Time")),
    ],
)
def test_real_facts_by_hand(fact, language, names):
    assert fact in facts()
    assert names[0] in question(fact, language)
    assert all(name in answer(fact, language) for name in names)


def test_every_answer_names_entity_and_value_and_no_field_is_left():
    for fact in facts():
        for language in LANGUAGES:
            asked, told = question(fact, language), answer(fact, language)
            assert not set("{}") & set(asked + told)
            entity = fact.entity_name(language).casefold()
            assert entity in asked.casefold()
            assert entity in told.casefold()
            assert fact.value_name(language).casefold() in told.casefold()


def test_answers_differ_within_a_language_and_so_do_questions():
    for language in LANGUAGES:
        assert len({answer(fact, language) for fact in facts()}) == len(facts())
        assert len({question(fact, language) for fact in facts()}) == len(facts())


def test_a_name_in_lower_case_starts_a_sentence_with_a_capital():
    assert Fact("script", "ja", "Jpan").entity_name("ru") == "японский"
    for fact in facts():
        for language in ("es", "ru"):
            assert not question(fact, language)[0].islower()
            assert not answer(fact, language)[0].islower()


def test_wordings_differ_between_the_languages_of_a_fact_and_are_used_evenly():
    def wording(fact, language):
        options = templates(language).wordings[fact.relation].questions
        text = question(fact, language).casefold()
        filled = [option.format(entity=fact.entity_name(language)).casefold() for option in options]
        return filled.index(text)

    drawn = {fact: [wording(fact, language) for language in LANGUAGES] for fact in facts()}
    assert sum(len(set(of_fact)) > 1 for of_fact in drawn.values()) > 0.99 * len(drawn)
    for position in range(len(LANGUAGES)):
        counts = Counter(of_fact[position] for of_fact in drawn.values())
        assert set(counts) == {0, 1, 2}
        assert min(counts.values()) > 0.28 * len(drawn)
