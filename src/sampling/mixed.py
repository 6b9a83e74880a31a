"""Mixed batches: question and passage in one language, the batch in many.

Two batches of 4, as concept:question language-passage language:

    step 0    7:en-en  11:en-en  9:ar-ar  3:ja-ja
    step 1    10:ar-ar  0:ar-ar  7:ja-ja  1:en-en
"""

from src.sampling.by_language import ByLanguage, Rule


class Mixed(ByLanguage):
    """A language per row, drawn by weight, for both of its texts; so most in-batch negatives are in other languages.

    Within a language's epoch no concept repeats, nor ever in a batch (`src.sampling.dealing` says how).
    Source: X-X of LAReQA (Roy et al., arXiv 2004.05484), the least language-agnostic of its training regimes and the
    control for the others. Not to be taken for the X-X of Elmahdy et al. (arXiv 2408.10536), which is `monolingual`.
    """

    rule = Rule(
        "mixed",
        "question and passage of each row in one language, rows of many languages",
        crosslingual=(False,),
        language_per_batch=False,
    )
