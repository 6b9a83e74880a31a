import pickle

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedTokenizerFast

from src.data import tokens as module
from src.data.texts import ParallelTexts
from src.data.tokens import check_fast, tokenize, tokenize_table, tokenizer_fingerprint
from src.errors import InputError

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "query", ":", "a", "b", "c", "d"]


def make_tokenizer(words=WORDS, specials=True):
    backend = Tokenizer(WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    backend.pre_tokenizer = Whitespace()
    if specials:
        backend.post_processor = TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[("[CLS]", words.index("[CLS]")), ("[SEP]", words.index("[SEP]"))]
        )
    return PreTrainedTokenizerFast(tokenizer_object=backend, pad_token="[PAD]", unk_token="[UNK]")


@pytest.fixture
def texts(tmp_path):
    content = {"de": ["a b", None, "c", "d d d d d d"], "zh": ["a", "b c", "zzz", None]}
    return ParallelTexts.write(tmp_path / "texts", ["de", "zh"], content)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(module, "BATCH", 2)


def table(texts, cache_dir, tokenizer=None, *, prompt="", max_length=6, pretokenize=True):
    tokenizer = tokenizer or make_tokenizer()
    settings = {"prompt": prompt, "max_length": max_length, "cache_dir": cache_dir, "pretokenize": pretokenize}
    return tokenize_table(texts, tokenizer, **settings)


def lists(found):
    return [tokens.tolist() for tokens in found]


def test_tokens_have_specials_prompt_and_a_limit():
    found = tokenize(["a b", "d d d d d d"], make_tokenizer(), "query: ", 6)
    assert lists(found) == [[2, 4, 5, 6, 7, 3], [2, 4, 5, 9, 9, 3]]
    assert {tokens.dtype for tokens in found} == {np.dtype(np.int32)}
    assert tokenize([], make_tokenizer(), "query: ", 6) == []


@pytest.mark.parametrize("side", ["left", "right"])
def test_tokens_are_what_the_tokenizer_itself_gives(side):
    texts = ["a b", "d c b a a b c d", "[SEP] a", "zzz", ""]
    tokenizer = make_tokenizer()
    tokenizer.truncation_side = side
    tokenizer(texts, padding=True)  # which leaves its mark on the backend
    assert lists(tokenize(texts, tokenizer, "", 6)) == tokenizer(texts, truncation=True, max_length=6)["input_ids"]


def test_a_text_without_tokens_is_an_error():
    with pytest.raises(InputError, match="no tokens"):
        tokenize(["a", " "], make_tokenizer(specials=False), "", 6)


@pytest.mark.parametrize("prompt", ["", "query: "])
def test_stored_and_lazy_tables_answer_the_same(texts, tmp_path, prompt):
    stored = table(texts, tmp_path, prompt=prompt)
    lazy = table(texts, tmp_path, prompt=prompt, pretokenize=False)
    rows, languages = np.array([3, 0, 2, 0, 1, 2, 3]), np.array([0, 0, 0, 1, 1, 1, 0])
    expected = lists(tokenize(texts.get(rows, languages), make_tokenizer(), prompt, 6))
    assert lists(stored.get(rows, languages)) == lists(lazy.get(rows, languages)) == expected
    assert stored.get(rows, languages)[0].dtype == np.int32


@pytest.mark.parametrize("pretokenize", [True, False])
@pytest.mark.parametrize(("row", "language"), [(1, 0), (3, 1), (4, 0), (-1, 0)])
def test_a_text_that_is_not_held_is_an_error(texts, tmp_path, pretokenize, row, language):
    with pytest.raises(InputError, match=f"no text with id {row}"):
        table(texts, tmp_path, pretokenize=pretokenize).get(np.array([row]), np.array([language]))


def test_tokenised_once(texts, tmp_path, monkeypatch):
    first = table(texts, tmp_path)
    monkeypatch.setattr(module, "tokenize", lambda *_: pytest.fail("tokenised again"))
    again = table(texts, tmp_path, make_tokenizer())
    assert again.folder == first.folder
    assert lists(again.get(np.array([2]), np.array([0]))) == [[2, 8, 3]]


def test_whatever_decides_the_tokens_is_in_the_key(texts, tmp_path):
    other_texts = ParallelTexts.write(tmp_path / "other", ["de", "zh"], {"de": ["a b"], "zh": ["a"]})
    folders = {
        table(texts, tmp_path).folder,
        table(texts, tmp_path, prompt="query: ").folder,
        table(texts, tmp_path, max_length=5).folder,
        table(texts, tmp_path, make_tokenizer([*WORDS[:-2], "d", "c"])).folder,
        table(texts, tmp_path, make_tokenizer(specials=False)).folder,
        table(other_texts, tmp_path).folder,
    }
    assert len(folders) == 6


def test_a_call_before_does_not_change_the_tokenizers_hash():
    tokenizer = make_tokenizer()
    before = tokenizer_fingerprint(tokenizer)
    tokenizer(["a", "b c"], truncation=True, max_length=3, padding=True)
    assert tokenizer_fingerprint(tokenizer) == before


def test_pickles_as_its_path(texts, tmp_path):
    stored = table(texts, tmp_path)
    stored.get(np.array([0]), np.array([0]))
    data = pickle.dumps(stored)
    assert len(data) < 400
    assert lists(pickle.loads(data).get(np.array([0]), np.array([0]))) == [[2, 6, 7, 3]]
    lazy = pickle.loads(pickle.dumps(table(texts, tmp_path, pretokenize=False)))
    assert lists(lazy.get(np.array([0]), np.array([0]))) == [[2, 6, 7, 3]]


def test_a_large_vocabulary_keeps_its_ids(texts, tmp_path):
    words = [f"w{i}" for i in range(70_000)] + WORDS
    found = table(texts, tmp_path, make_tokenizer(words)).get(np.array([0]), np.array([0]))
    assert lists(found) == [[70_002, 70_006, 70_007, 70_003]]


def test_a_killed_run_leaves_no_table(texts, tmp_path, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "tokenize", killed)
    with pytest.raises(KeyboardInterrupt):
        table(texts, tmp_path / "cache")
    assert list((tmp_path / "cache" / "tokens").iterdir()) == []


def test_a_slow_tokenizer_is_refused():
    with pytest.raises(InputError, match="not a fast tokenizer"):
        check_fast(object())


def test_another_side_of_truncation_is_another_tokenizer():
    left = make_tokenizer()
    left.truncation_side = "left"
    assert tokenizer_fingerprint(left) != tokenizer_fingerprint(make_tokenizer())


def test_a_raised_version_reads_no_older_tokens(texts, tmp_path, monkeypatch):
    older = table(texts, tmp_path)
    monkeypatch.setattr(module, "VERSION", module.VERSION + 1)
    assert table(texts, tmp_path).folder != older.folder
