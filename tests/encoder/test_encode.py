import numpy as np
import pytest

from src.data.chunks import chunk
from src.data.tokens import tokenize
from src.encoder.encode import batches, encode
from tests.encoder.checkpoints import TEXTS, build


@pytest.fixture(scope="module")
def encoder():
    return build("model=tiny", "model.dropout=0.3", "model.max_query_length=12")


@pytest.mark.parametrize("budget", [1, 64, 10_000])
def test_each_text_is_embedded_as_if_alone_and_order_kept(encoder, budget):
    embeddings = encode(encoder, TEXTS, "passage", tokens_per_batch=budget)
    assert embeddings.dtype == np.float32
    alone = np.concatenate([encode(encoder, [text], "passage") for text in TEXTS])
    np.testing.assert_allclose(embeddings, alone, rtol=0, atol=1e-6)


def test_batches_hold_all_texts_within_the_budget():
    generator = np.random.default_rng(0)
    tokens = [np.zeros(length, np.int32) for length in generator.integers(1, 90, 500)]
    cut = list(batches(tokens, 300))
    assert sorted(np.concatenate(cut)) == list(range(500))
    padded = [len(batch) * max(len(tokens[text]) for text in batch) for batch in cut]
    assert max(padded) <= 300
    assert sum(padded) < 1.05 * sum(map(len, tokens))
    assert [len(batch) for batch in batches(tokens[:3], 1)] == [1, 1, 1]


def test_sides_have_their_own_prompt_and_length(encoder):
    plain, prompted = build("model=tiny"), build("model=tiny", "model.query_prompt='Query: '")
    assert (encode(plain, TEXTS, "passage") == encode(prompted, TEXTS, "passage")).all()
    assert (encode(plain, TEXTS, "query") != encode(prompted, TEXTS, "query")).any(axis=1).all()
    written_out = [f"Query: {text}" for text in TEXTS]
    assert (encode(plain, written_out, "query") == encode(prompted, TEXTS, "query")).all()
    long = TEXTS[1]  # queries of `encoder` are cut to 12 tokens
    assert (encode(encoder, [long], "query") == encode(encoder, [long + " And more."], "query")).all()
    assert (encode(encoder, [long], "passage") != encode(encoder, [long + " And more."], "passage")).any()


def test_a_text_is_cut_to_its_sides_length_exactly(encoder):
    tokens = tokenize([TEXTS[1]], encoder.tokenizer, "", 12)
    assert len(tokens[0]) == 12
    encoder.eval()
    expected = encoder.embed(chunk(tokens, encoder.tokenizer.pad_token_id), "query").detach().numpy()
    np.testing.assert_allclose(encode(encoder, [TEXTS[1]], "query"), expected, rtol=0, atol=1e-6)


def test_dropout_is_off_and_the_mode_restored(encoder):
    for training in (True, False):
        encoder.train(training)
        assert (encode(encoder, TEXTS, "query") == encode(encoder, TEXTS, "query")).all()
        assert all(module.training is training for module in encoder.modules())


def test_the_mode_is_restored_after_an_error(encoder):
    def stop(count):
        raise KeyboardInterrupt

    encoder.train()
    with pytest.raises(KeyboardInterrupt):
        encode(encoder, TEXTS, "query", on_progress=stop)
    assert encoder.training


def test_progress_counts_every_text(encoder):
    counts = []
    encode(encoder, TEXTS, "query", tokens_per_batch=30, on_progress=counts.append)
    assert len(counts) > 1
    assert sum(counts) == len(TEXTS)


def test_no_texts(encoder):
    assert encode(encoder, [], "query").shape == (0, encoder.dimension)


def test_half_precision_stays_close(encoder):
    exact, half = encode(encoder, TEXTS, "query"), encode(encoder, TEXTS, "query", precision="bf16")
    assert half.dtype == np.float32
    assert (exact != half).any()
    assert (exact * half).sum(axis=1).min() > 0.99


def test_sentences_in_eleven_languages(real_data):
    import json

    texts = []
    for path in sorted(real_data("xquad_r").glob("*.json")):
        texts += json.loads(path.read_text())["data"][0]["paragraphs"][0]["sentences"]
    encoder = build("model=tiny", texts=texts)
    assert encoder.tokenizer.unk_token_id not in encoder.tokenizer(" ".join(texts))["input_ids"]
    embeddings = encode(encoder, texts, "passage")
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(embeddings[::-1], encode(encoder, texts[::-1], "passage"), rtol=0, atol=1e-5)
