import string

import pytest

from src.data.cldr.relations import RELATIONS
from src.data.cldr.templates import LANGUAGES, templates

QUESTION_MARK = dict.fromkeys(["de", "en", "es", "hi", "ru", "tr", "vi"], "?") | {"ar": "؟", "el": ";", "zh": "？"}
FULL_STOP = dict.fromkeys(["ar", "de", "el", "en", "es", "ru", "tr", "vi"], ".") | {"hi": "।", "zh": "。"}


def _fields(template: str) -> list[str]:
    return sorted(field for _, field, _, _ in string.Formatter().parse(template) if field)


def test_the_languages_are_xquad_rs():
    assert LANGUAGES == ("ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_three_questions_and_two_answers_a_relation(language):
    assert list(templates(language).wordings) == list(RELATIONS)
    for wordings in templates(language).wordings.values():
        assert len(wordings.questions) == len(set(wordings.questions)) == 3
        assert len(wordings.answers) == len(set(wordings.answers)) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_questions_name_the_entity_and_answers_the_value_too(language):
    for wordings in templates(language).wordings.values():
        for question in wordings.questions:
            assert _fields(question) == ["entity"]
        for answer in wordings.answers:
            assert _fields(answer) == ["entity", "value"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_wording_serves_two_relations(language):
    every = [
        text for wordings in templates(language).wordings.values() for text in wordings.questions + wordings.answers
    ]
    assert len(set(every)) == len(every)


@pytest.mark.parametrize("language", sorted(QUESTION_MARK))
def test_sentences_end_as_the_language_ends_them(language):
    for wordings in templates(language).wordings.values():
        assert all(question.endswith(QUESTION_MARK[language]) for question in wordings.questions)
        assert all(answer.endswith(FULL_STOP[language]) for answer in wordings.answers)


def test_thai_ends_sentences_without_a_mark():
    for wordings in templates("th").wordings.values():
        assert not any(
            text[-1] in string.punctuation.replace("}", "") for text in wordings.questions + wordings.answers
        )


def test_spanish_questions_open_with_their_mark():
    questions = [question for wordings in templates("es").wordings.values() for question in wordings.questions]
    assert all(question.count("¿") == question.count("?") == 1 for question in questions)


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_directions_have_a_name(language):
    directions = templates(language).directions
    assert set(directions) == {"ltr", "rtl"}
    assert directions["ltr"] != directions["rtl"]
