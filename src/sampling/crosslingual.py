"""Cross-lingual batches: question and passage in two languages in every row, the batch in many.

Two batches of 4, as concept:question language-passage language:

    step 0    11:ar-en  9:en-ja  5:en-ja  2:en-ar
    step 1    4:en-ja  7:ar-en  8:ja-ar  0:ja-en
"""

from src.sampling.by_language import ByLanguage, Rule


class Crosslingual(ByLanguage):
    """A question language per row, drawn by weight; the passage in another language that holds it.

    Question languages are weighted by the concepts that can be asked in them, passage languages by those that can be
    answered in them, among the other languages that hold the concept's passage. A concept in one language never enters.
    Within the epoch of a question language no concept repeats, nor ever in a batch (`src.sampling.dealing` says how).
    Source: X-Y of Elmahdy et al. (arXiv 2408.10536) and of LAReQA (Roy et al., arXiv 2004.05484).
    """

    rule = Rule(
        "crosslingual",
        "question and passage of each row in two languages, rows of many languages",
        crosslingual=(True,),
        language_per_batch=False,
    )
