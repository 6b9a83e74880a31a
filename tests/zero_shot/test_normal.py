import numpy as np
import pytest

from src.zero_shot.normal import hashes, normalised


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It's  late,\tisn't it?", "ITS LATE ISNT IT"),
        ("Straße", "STRASSE"),
        ("ΟΔΥΣΣΕΥΣ", "Οδυσσεύς".replace("ύ", "υ")),
        ("İstanbul'da ılıman", "ISTANBULDA ILIMAN"),
        ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("e\u0301te\u0301", "été"),
        ("zero\u200bwidth\u00adhyphen", "zerowidthhyphen"),
        ("देश।", "देश"),
        ("“三十年”，", "三十年"),
        ("well 👍🏽 done", "well done"),
        ("ﬁn", "fin"),
    ],
)
def test_the_same(one, other):
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("कि", "की"), ("ผ้า", "ผ่า"), ("ma", "má"), ("10", "1"), ("now here", "nowhere"), ("𐌰", "𐌱")],
)
def test_not_the_same(one, other):
    assert normalised(one) != normalised(other)


def test_normalising_again_changes_nothing():
    text = "ΐ Ϊ́ ŉ İ ẞ ﷺ ½ № ªº"
    assert normalised(normalised(text)) == normalised(text)


def test_hashes():
    found = hashes(["a", "b", "a", "", "\ud800"])
    assert found.dtype == np.uint64
    assert found[0] == found[2]
    assert len(np.unique(found)) == 4
    assert len(hashes([])) == 0
