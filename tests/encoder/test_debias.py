import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from src.encoder.debias import ABOUT, ARRAYS, Debias
from src.encoder.debias_fit import LIR, Center, fit
from src.encoder.dual_encoder import DualEncoder
from src.encoder.identity import encoder_identity, weights_identity
from src.encoder.restore import restore
from src.errors import InputError
from tests.encoder.checkpoints import build

CODES = ("de", "en", "th")
OPTIONS = {"texts": None, "texts_per_language": 100, "side": "passage", "renormalize": True, "seed": 1}
DIMENSION = 12


def center(**more):
    return Center(**{**OPTIONS, **more})


def lir(rank=1, **more):
    return LIR(**{**OPTIONS, **more}, rank=rank)


def fitted(method, embeddings, *, normalize=False) -> Debias:
    """Fitted to given embeddings: language -> [n, dimension]; a text is its row's number."""
    samples = {code: {"passage": [f"{code} {i}" for i in range(len(rows))]} for code, rows in embeddings.items()}

    def embed(texts, side):
        assert side == "passage"
        return np.stack([embeddings[code][int(i)] for code, i in (text.split() for text in texts)])

    return fit(method, samples, embed, normalize=normalize, weights="w", source="test")


def meanings(count=40, seed=0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)


def shuffled(embeddings):
    """All in one matrix, languages mixed, with what `remove` asks for beside it."""
    rows = np.concatenate([embeddings[code] for code in CODES])
    language = np.repeat(np.arange(3), [len(embeddings[code]) for code in CODES]).astype(np.int16)
    order = np.random.default_rng(5).permutation(len(rows))
    return rows[order], language[order]


def test_centring_takes_a_planted_offset_away():
    meaning = meanings()
    meaning -= meaning.mean(axis=0)
    offsets = np.random.default_rng(1).normal(size=(3, DIMENSION)).astype(np.float32) * 9
    debias = fitted(center(), {code: meaning + offset for code, offset in zip(CODES, offsets, strict=True)})
    for number, offset in enumerate(offsets):
        found = debias.remove(meaning + offset, np.full(40, number), CODES)
        np.testing.assert_allclose(found, meaning, atol=1e-5)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_lir_takes_a_planted_subspace_away(rank):
    """Language l: small meanings outside a subspace of its own, and large parts inside it."""
    drawn = np.random.default_rng(2)
    planted, outside = {}, {}
    for code in CODES:
        axes = np.linalg.qr(drawn.normal(size=(DIMENSION, DIMENSION)))[0]
        inside, rest = axes[:, :rank], axes[:, rank:]
        outside[code] = drawn.normal(size=(40, DIMENSION - rank)) @ rest.T
        planted[code] = outside[code] + 1e4 * drawn.normal(size=(40, rank)) @ inside.T
    debias = fitted(lir(rank), planted)
    for number, code in enumerate(CODES):
        found = debias.remove(outside[code].astype(np.float32), np.full(40, number), CODES)
        np.testing.assert_allclose(found, outside[code], atol=2e-3)
        gone = debias.remove((planted[code] - outside[code]).astype(np.float32), np.full(40, number), CODES)
        assert np.abs(gone).max() < 1e-3 * np.abs(planted[code]).max()


@pytest.mark.parametrize("rank", [1, 2, 5])
@pytest.mark.parametrize("unit", [True, False])
def test_lir_is_its_notebooks_formula(rank, unit):
    """u, _, _ = svd(transpose(emb)); e - (e u_r) u_r^T, language by language (and then to unit length)."""
    embeddings = {code: meanings(seed=number) + number for number, code in enumerate(CODES)}
    rows, language = shuffled(embeddings)
    found = fitted(lir(rank), embeddings, normalize=unit).remove(rows, language, CODES)
    expected = np.empty_like(rows, dtype=np.float64)
    for number, code in enumerate(CODES):
        directions = np.linalg.svd(embeddings[code].astype(np.float64).T, full_matrices=False)[0][:, :rank]
        own = rows[language == number].astype(np.float64)
        expected[language == number] = own - (own @ directions) @ directions.T
    if unit:
        expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_removing_twice_takes_nothing_more():
    embeddings = {code: meanings(seed=number) for number, code in enumerate(CODES)}
    rows, language = shuffled(embeddings)
    debias = fitted(lir(2), embeddings)
    once = debias.remove(rows, language, CODES)
    np.testing.assert_allclose(debias.remove(once, language, CODES), once, atol=1e-5)
    assert (rows == shuffled(embeddings)[0]).all()  # what was given is as it was


@pytest.mark.parametrize(
    ("renormalize", "normalize", "unit"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_lengths_are_1_where_the_encoders_are_and_it_is_asked_for(renormalize, normalize, unit):
    embeddings = {code: meanings(seed=number) for number, code in enumerate(CODES)}
    rows, language = shuffled(embeddings)
    found = fitted(center(renormalize=renormalize), embeddings, normalize=normalize).remove(rows, language, CODES)
    assert np.allclose(np.linalg.norm(found, axis=1), 1) is unit


def test_an_embedding_that_is_all_language_becomes_zero():
    embeddings = dict.fromkeys(CODES, np.ones((3, 4), np.float32))
    found = fitted(center(), embeddings, normalize=True).remove(np.ones((2, 4), np.float32), np.zeros(2, int), CODES)
    assert (found == 0).all()


def test_a_language_goes_by_its_code_and_an_unknown_one_is_refused():
    debias = fitted(center(), {code: meanings(seed=number) + number for number, code in enumerate(CODES)})
    rows = meanings()
    other_way = debias.remove(rows, np.zeros(40, int), ("th", "de"))
    assert (other_way == debias.remove(rows, np.full(40, 2), CODES)).all()
    with pytest.raises(InputError, match="fitted for de, en, th, and not for sw") as error:
        debias.remove(rows, np.full(40, 1), ("de", "sw"))
    assert "debias.texts=FOLDER" in str(error.value)


@pytest.mark.parametrize("method", [center(), lir(3)])
def test_what_is_saved_is_what_is_loaded(tmp_path, method):
    embeddings = {code: meanings(seed=number) for number, code in enumerate(CODES)}
    rows, language = shuffled(embeddings)
    debias = fitted(method, embeddings, normalize=True)
    debias.save(tmp_path)
    again = Debias.load(tmp_path, DIMENSION)
    assert again.fingerprint == debias.fingerprint
    assert (again.languages, again.weights, dict(again.about)) == (debias.languages, "w", dict(debias.about))
    assert again.about["texts"] == dict.fromkeys(CODES, 40)
    assert (again.remove(rows, language, CODES) == debias.remove(rows, language, CODES)).all()


def test_the_fingerprint_says_all_that_is_removed():
    embeddings = {code: meanings(seed=number) for number, code in enumerate(CODES)}
    known = fitted(lir(2), embeddings)
    others = [
        fitted(lir(1), embeddings),
        fitted(center(), embeddings),
        replace(known, unit_length=True),
        replace(known, languages=("en", "de", "th")),
        replace(known, mean=known.mean + 1),
        replace(known, basis=known.basis + 1),
    ]
    assert len({known.fingerprint, *(other.fingerprint for other in others)}) == 7
    assert replace(known, about={}).fingerprint == known.fingerprint


def _spoil(folder, what):
    values = json.loads((folder / ABOUT).read_text())
    if what == "torn":
        (folder / ABOUT).write_text("{")
    elif what == "no arrays":
        (folder / ARRAYS).unlink()
    elif what == "torn arrays":
        (folder / ARRAYS).write_bytes(b"x")
    else:
        (folder / ABOUT).write_text(json.dumps({**values, **what}))


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("torn", "JSONDecodeError"),
        ("no arrays", "FileNotFoundError"),
        ("torn arrays", "SafetensorError"),
        ({"format": 9}, "format 1 is read here"),
        ({"run": "me"}, "unexpected keyword argument 'run'"),
        ({"languages": ["de"]}, "it does not fit the languages or the encoder"),
        ({"languages": 3}, "cannot be read"),
    ],
)
def test_damaged_files_are_told(tmp_path, what, told):
    fitted(center(), {code: meanings() for code in CODES}).save(tmp_path)
    _spoil(tmp_path, what)
    with pytest.raises(InputError, match="debias") as error:
        Debias.load(tmp_path, DIMENSION)
    assert told in str(error.value)


def test_one_of_another_width_is_told(tmp_path):
    fitted(center(), {code: meanings() for code in CODES}).save(tmp_path)
    with pytest.raises(InputError, match="does not fit"):
        Debias.load(tmp_path, DIMENSION + 1)


@pytest.mark.parametrize(
    ("make", "where"),
    [
        (lambda: center(texts_per_language=1), "debias.texts_per_language"),
        (lambda: center(side="left"), "debias.side"),
        (lambda: lir(0), "debias.rank"),
        (lambda: fitted(lir(DIMENSION), {"de": meanings()}), "debias.rank"),
        (lambda: fitted(lir(3), {"de": meanings(3)}), "debias.texts"),
        (lambda: fitted(center(), {"de": meanings(1)}), "debias.texts"),
    ],
)
def test_bad_options(make, where):
    with pytest.raises(InputError) as error:
        make()
    assert error.value.where == where


class TestWithAnEncoder:
    @pytest.fixture
    def encoder(self):
        encoder = build("model=tiny")
        rows = np.random.default_rng(0).normal(size=(9, encoder.dimension)).astype(np.float32)
        debias = fitted(lir(), dict.fromkeys(CODES, rows), normalize=True)
        encoder.debias = replace(debias, weights=weights_identity(encoder))
        return encoder

    def test_is_saved_and_loaded_with_it_and_tells_it_apart(self, encoder, tmp_path):
        encoder.save(tmp_path)
        loaded = DualEncoder.load(tmp_path)
        assert loaded.debias.fingerprint == encoder.debias.fingerprint
        assert loaded.debias.weights == weights_identity(loaded)
        assert DualEncoder.load(tmp_path, weights=False).debias is None
        identity = encoder_identity(encoder)
        encoder.debias = None
        assert encoder_identity(encoder) != identity
        encoder.save(tmp_path)  # over the earlier one
        assert DualEncoder.load(tmp_path).debias is None

    def test_a_checkpoint_has_it_only_if_it_was_fitted_to_its_weights(self, encoder, tmp_path, caplog):
        encoder.save(tmp_path / "encoder")
        (tmp_path / "checkpoints").mkdir()
        for name, held in (("best", encoder), ("last", build("model=tiny", seed=1))):
            state = {f"encoder.{key}": value for key, value in held.state_dict().items()}
            torch.save({"state_dict": state}, tmp_path / "checkpoints" / f"{name}.ckpt")
        caplog.set_level("INFO")
        assert restore(tmp_path).debias is not None
        assert restore(tmp_path / "checkpoints" / "best.ckpt").debias.fingerprint == encoder.debias.fingerprint
        assert caplog.text.count("with the encoder comes debiasing, fitted on test: LIR") == 2
        assert restore(tmp_path / "checkpoints" / "last.ckpt").debias is None
        assert "this checkpoint goes without" in caplog.text
