from dataclasses import replace

import numpy as np
import pytest

from src.data.pair_index import HardNegatives
from src.data.targets import Targets
from src.data.texts import ParallelTexts
from src.retrieval.embeddings import Embeddings
from src.sampling.translations import NONE, Translations
from tests.toy import toy_collator, toy_data, toy_encoder

BATCH = 8
WHOLE = slice(0, BATCH)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A collator of two negatives a row, in data whose French lacks every passage with an odd id."""
    folder = tmp_path_factory.mktemp("toy")
    data = toy_data(folder / "data", concepts=24, held_out=0, negatives=3)
    texts = {code: list(data.passages.iterate(number)) for number, code in enumerate(data.passages.languages)}
    texts["fr"] = [None if number % 2 else text for number, text in enumerate(texts["fr"])]
    passages = ParallelTexts.write(folder / "some", data.passages.languages, texts)
    index = replace(data.train, passage_languages=np.tile(np.array([0b111, 0b011], np.uint8), 12))
    encoder = toy_encoder(data)
    return encoder, toy_collator(replace(data, passages=passages), encoder, folder / "cache", index, 2)


def rows(language, concepts=range(BATCH)):
    return np.array([[concept, language, language] for concept in concepts], np.int32)


def texts(encoder, chunks):
    ids = [row for chunk in chunks.input_ids for row in chunk]
    return [encoder.tokenizer.decode(ids[place], skip_special_tokens=True) for place in chunks.restore]


def test_a_negative_that_the_language_lacks_is_not_drawn(made):
    _, collate = made
    for step in range(20):
        french = collate(rows(2, range(0, 2 * BATCH, 2)), WHOLE, step, 0)
        assert not (french.negative_ids % 2).any()
    assert (collate(rows(1), WHOLE, 0, 0).negative_ids % 2).any()


def test_each_negative_is_drawn_as_often(made):
    _, collate = made
    many = replace(
        collate, index=replace(collate.index, negatives=HardNegatives(np.arange(25) * 3, np.tile([5, 6, 7], 24)))
    )
    drawn = np.concatenate([many(rows(0), WHOLE, step, 0).negative_ids for step in range(300)])
    assert len(drawn) == 300 * BATCH * 2
    shares = np.bincount(drawn)[5:] / (300 * BATCH)
    np.testing.assert_allclose(shares, 2 / 3, atol=0.05)


def versions(collate, side, own, step=3):
    with_second = replace(collate, translations={side: Translations(collate.index, side, seed=1)})
    batch = with_second(rows(0), own, step, 0)
    return batch.query_versions if side == "query" else batch.passage_versions


@pytest.mark.parametrize("side", ["query", "passage"])
def test_a_second_version_is_the_rows_text_in_the_language_drawn(made, side):
    encoder, collate = made
    found = versions(collate, side, WHOLE)
    drawn = Translations(collate.index, side, seed=1).plan(rows(0), 3)
    assert found.rows.tolist() == np.flatnonzero(drawn != NONE).tolist()
    assert found.languages.tolist() == drawn[found.rows].tolist()
    shown = texts(encoder, found.texts)
    for text, row, language in zip(shown, found.rows.tolist(), found.languages.tolist(), strict=True):
        table = collate.question_texts if side == "query" else collate.passage_texts
        expected = table.get(np.array([row]), np.array([language]))[0]
        assert text.replace(" ", "") == expected.replace(" ", "")


def test_second_versions_do_not_depend_on_how_a_batch_is_split(made):
    _, collate = made
    whole = versions(collate, "query", WHOLE)
    halves = [versions(collate, "query", slice(start, start + 4)) for start in (0, 4)]
    assert [(4 * half + row) for half in (0, 1) for row in halves[half].rows.tolist()] == whole.rows.tolist()
    assert [each for half in halves for each in half.languages.tolist()] == whole.languages.tolist()


def test_targets_stand_with_the_rows_whose_texts_they_are_of(made):
    _, collate = made
    targets = Targets(np.array([1, 3, 6], np.int32))
    targets.embeddings = Embeddings.of(np.array([[1.0], [3.0], [6.0]], np.float32))
    batch = replace(collate, targets={"query": targets})(rows(0), slice(2, BATCH), 0, 0)
    assert batch.query_targets.rows.tolist() == [1, 4]  # concepts 3 and 6, in the share that begins at 2
    assert batch.query_targets.embeddings.ravel().tolist() == [3, 6]
    assert batch.passage_targets is None
