"""The embedded facts to search in: all answers in eleven languages, and questions to try."""

from __future__ import annotations

from src.asking.texts import Text

NAME = "cldr_facts"  # as `texts`
TRIED_IN = ("en", "es", "zh")


def facts() -> list[Text]:
    """The answers, translations under one id."""
    from src.data.cldr.parallel import parallel_facts

    made = parallel_facts(None, where="texts")
    return [
        Text(answer, language, f"{NAME}:{number}", f"f{number:04d}")
        for language, answers in made.answers.items()
        for number, answer in enumerate(answers)
    ]


def questions() -> list[str]:
    """Questions about facts that no run of the embedded default was trained on, one in each of some languages."""
    from src.data.cldr.parallel import parallel_facts

    made = parallel_facts(TRIED_IN, where="texts")
    held_out = made.split.test.tolist()
    return [made.questions[language][held_out[place]] for place, language in enumerate(TRIED_IN)]
