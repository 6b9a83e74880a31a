from itertools import pairwise

import pytest

from src.data.sentences import split_sentences


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("He said “Go.” Then left... Nobody knew.", ["He said “Go.”", "Then left...", "Nobody knew."]),
        ("It cost 3.5 million, e.g. this one. J. Smith of the U. S. paid.", None),
        ("第一句。第二句！“第三句？”完", ["第一句。", "第二句！", "“第三句？”", "完"]),
        ("पहला वाक्य। दूसरा वाक्य।", ["पहला वाक्य।", "दूसरा वाक्य।"]),
        ("هل هذا صحيح؟ نعم.", ["هل هذا صحيح؟", "نعم."]),
        ("ประโยคหนึ่ง ประโยคสอง", ["ประโยคหนึ่ง ประโยคสอง"]),
        ("  padded.   Next  ", ["padded.", "Next"]),
    ],
)
def test_terminators_of_many_scripts(context, expected):
    if expected is None:
        expected = ["It cost 3.5 million, e.g. this one.", "J. Smith of the U. S. paid."]
    assert [sentence.text for sentence in split_sentences(context)] == expected


def test_every_place_is_in_exactly_one_sentence():
    context = "  One.  Two?! (Three.) 四。五。 six. Seven"
    sentences = split_sentences(context)
    assert sentences[0].start == 0
    assert sentences[-1].end == len(context)
    assert all(left.end == right.start for left, right in pairwise(sentences))
    assert all(context[s.start : s.end].strip() == s.text for s in sentences)
