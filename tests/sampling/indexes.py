"""Pair indexes to test on, and a plain reading of what each strategy may use."""

import numpy as np

from src.data.pair_index import PairIndex, mask_dtype

CODES = ("en", "ar", "de", "ja", "th", "hi", "ru", "zh", "es", "tr")


def make_index(questions, passages, *, languages=None, question=None, passage=None, dataset=None, datasets=("data",)):
    """An index from, per concept, the languages of its question and of its passage, as strings of digits or masks."""
    count = languages or 1 + max(map(_highest, [*questions, *passages]), default=0)
    dtype = mask_dtype(count)
    concepts = len(questions)
    return PairIndex(
        languages=(CODES + tuple(f"l{number}" for number in range(10, 64)))[:count],
        question=np.asarray(np.arange(concepts) if question is None else question, dtype=np.int32),
        passage=np.asarray(np.arange(concepts) if passage is None else passage, dtype=np.int32),
        question_languages=np.array([_mask(each) for each in questions], dtype=dtype),
        passage_languages=np.array([_mask(each) for each in passages], dtype=dtype),
        dataset=np.asarray(np.zeros(concepts) if dataset is None else dataset, dtype=np.uint8),
        datasets=tuple(datasets),
    )


def parallel_index(concepts, languages, **ids):
    """Every text in every language, as in a translated collection."""
    everywhere = [(1 << languages) - 1] * concepts
    return make_index(everywhere, everywhere, languages=languages, **ids)


def patchy_index(rng, concepts, languages, held=0.7, **ids):
    """Every text in some languages, independently for questions and passages."""
    masks = (rng.random((2, concepts, languages)) < held) @ (1 << np.arange(languages))
    return make_index(*masks.tolist(), languages=languages, **ids)


def usable(index, language, *, crosslingual):
    """Concepts that may be asked in a language, read off one by one."""
    concepts = zip(index.question_languages.tolist(), index.passage_languages.tolist(), strict=True)
    bit = 1 << language
    if crosslingual:
        return {c for c, (question, passage) in enumerate(concepts) if question & bit and passage & ~bit}
    return {c for c, (question, passage) in enumerate(concepts) if question & passage & bit}


def _mask(languages):
    return languages if isinstance(languages, int) else sum(1 << int(digit) for digit in languages)


def _highest(languages):
    return _mask(languages).bit_length() - 1
