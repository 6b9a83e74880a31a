import pytest

from src.data.words import Replacement, Vocabulary, normal, replace, spaced_words, writes_spaces


def cut(text, spans):
    return [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The “quick” fox, (jumps)!", ["The", "quick", "fox", "jumps"]),
        ("cross-lingual x_y 3.14", ["cross", "lingual", "x", "y", "3", "14"]),
        ("Don't, l’homme, 'so'", ["Don't", "l’homme", "so"]),
        ("हिन्दी में क्या है?", ["हिन्दी", "में", "क्या", "है"]),
        ("كِتَابٌ جديد", ["كِتَابٌ", "جديد"]),
        ("می\u200cروم خانه", ["می\u200cروم", "خانه"]),
        ("cafe\u0301 noir", ["cafe\u0301", "noir"]),
        (" … ", []),
        ("", []),
    ],
)
def test_words_of_languages_that_write_spaces(text, words):
    assert cut(text, spaced_words(text)) == words


@pytest.mark.parametrize(
    ("known", "text", "words"),
    [
        (["北京", "北京大学", "大学", "我"], "我在北京大学。", ["我", "在", "北京大学"]),
        (["喜欢"], "喜欢iPhone手机2024", ["喜欢", "iPhone", "手机", "2024"]),
        (["東京", "です"], "東京です", ["東京", "です"]),
        (["กิน", "ข้าว"], "ฉันกินข้าว", ["ฉัน", "กิน", "ข้าว"]),
        (["ข"], "ข้าว", ["ข้าว"]),  # the letter has a tone mark here: another one
        (["dna"], "DNA", ["DNA"]),
    ],
)
def test_words_of_languages_that_write_none_are_the_longest_known(known, text, words):
    assert cut(text, Vocabulary(known).spans(text)) == words


@pytest.mark.parametrize(
    ("code", "spaces"), [("de", True), ("zh", False), ("zh-Hant", False), ("th", False), ("zu", True)]
)
def test_which_languages_write_spaces(code, spaces):
    assert writes_spaces(code) is spaces


def test_words_are_compared_composed_and_in_lower_case():
    assert normal("CAFE\u0301") == "café"


def test_replacing_keeps_all_else_and_sets_off_only_where_words_would_touch():
    assert replace("a, (b)!", {(0, 1): Replacement("x", False), (4, 5): Replacement("y", False)}) == "x, (y)!"
    assert replace("我喜欢狗。", {(0, 1): Replacement("I", True), (1, 3): Replacement("like", True)}) == "I like 狗。"
    assert replace("我喜欢狗。", {(0, 1): Replacement("僕", False)}) == "僕喜欢狗。"
    assert replace("「狗」", {(1, 2): Replacement("dog", True)}) == "「dog」"
    assert replace("", {}) == ""
