"""Monolingual batches: one language for all questions and passages of a batch.

Two batches of 4, as concept:question language-passage language:

    step 0    8:ar-ar  1:ar-ar  7:ar-ar  3:ar-ar
    step 1    6:ja-ja  2:ja-ja  4:ja-ja  8:ja-ja
"""

from src.sampling.by_language import ByLanguage, Rule


class Monolingual(ByLanguage):
    """A language per batch, drawn by weight; every question and passage in it.

    A language goes through its concepts in a new order each epoch and leaves out, in that epoch, those that fill no
    batch at the end: so nothing repeats in an epoch or in a batch.
    Source: X-X of Elmahdy et al. (arXiv 2408.10536), who draw the language uniformly; X-X-mono of LAReQA (Roy et al.,
    arXiv 2004.05484).
    """

    rule = Rule(
        "monolingual",
        "one language for all questions and passages",
        crosslingual=(False,),
        language_per_batch=True,
    )
