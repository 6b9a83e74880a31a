import json
import subprocess
import sys

import pytest
import torch

from src.data.tokens import tokenizer_fingerprint
from src.encoder.tiny import train_tokenizer
from src.errors import InputError
from tests.encoder.checkpoints import CONF, TEXTS, build


def test_the_same_seed_and_texts_give_the_same_encoder():
    first, second, other = build("model=tiny"), build("model=tiny"), build("model=tiny", seed=1)
    assert tokenizer_fingerprint(first.tokenizer) == tokenizer_fingerprint(second.tokenizer)
    for ours, theirs in zip(first.parameters(), second.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
    assert any((ours != theirs).any() for ours, theirs in zip(first.parameters(), other.parameters(), strict=True))


@pytest.mark.slow
def test_another_process_trains_the_same_tokenizer(real_data):
    sample = real_data("xquad_r") / "hi.json"
    code = (
        "import json, sys\n"
        "from src.data.tokens import tokenizer_fingerprint\n"
        "from src.encoder.tiny import train_tokenizer\n"
        "texts = [p['context'] for a in json.load(open(sys.argv[1]))['data'] for p in a['paragraphs']]\n"
        "print(tokenizer_fingerprint(train_tokenizer(texts, 3000)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(sample)], cwd=CONF.parent, capture_output=True, text=True, check=True
    )
    articles = json.loads(sample.read_text())["data"]
    texts = [paragraph["context"] for article in articles for paragraph in article["paragraphs"]]
    assert run.stdout.strip() == tokenizer_fingerprint(train_tokenizer(texts, 3000))


def test_words_are_normalised_and_not_cut_at_vowel_signs():
    tokenizer = train_tokenizer(["हिन्दी हिन्दी हिन्दी हिन्दी"], 400)
    assert len(tokenizer.tokenize("हिन्दी")) == 1
    assert tokenizer("ＡＢＣ")["input_ids"] == tokenizer("abc")["input_ids"]


def test_any_text_is_framed_and_known():
    tokenizer = train_tokenizer(TEXTS, 300)
    ids = tokenizer("ไทย ελληνικά 🙂")["input_ids"]
    assert (ids[0], ids[-1]) == (tokenizer.cls_token_id, tokenizer.sep_token_id)
    assert tokenizer.unk_token_id not in ids
    assert tokenizer("")["input_ids"] == [tokenizer.cls_token_id, tokenizer.sep_token_id]


def test_the_vocabulary_is_a_bound_and_the_model_fits_it():
    encoder = build("model=tiny", "model.vocabulary=280", "model.hidden_size=32", "model.layers=2", "model.dropout=0.2")
    config = encoder.backbones["shared"].config
    assert len(encoder.tokenizer) == config.vocab_size == 280
    assert (encoder.dimension, config.num_hidden_layers) == (32, 2)
    assert config.hidden_dropout_prob == config.attention_probs_dropout_prob == 0.2


def test_texts_longer_than_the_positions_are_refused():
    with pytest.raises(InputError, match=r"model\.max_passage_length 600 > 512"):
        build("model=tiny", "model.max_passage_length=600")
