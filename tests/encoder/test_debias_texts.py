import numpy as np
import pytest

from src.encoder.debias_fit import Center
from src.encoder.debias_texts import from_folder, from_training
from src.errors import InputError
from tests.toy import LANGUAGES, toy_data


def method(**more):
    return Center(**{"texts": None, "texts_per_language": 100, "side": "both", "renormalize": True, "seed": 1, **more})


def write(folder, **files):
    for code, lines in files.items():
        (folder / f"{code}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_a_folder_has_a_file_for_each_language_of_one_text_a_line(tmp_path):
    write(tmp_path, de=["eins", "", "  zwei ", "drei"], th=["หนึ่ง", "สอง"])
    expected = {
        "de": {"query": ["eins", "drei"], "passage": ["zwei"]},
        "th": {"query": ["หนึ่ง"], "passage": ["สอง"]},
    }
    assert from_folder(tmp_path, method()) == expected
    assert from_folder(tmp_path, method(side="query"))["de"] == {"query": ["eins", "zwei", "drei"]}


def test_parallel_files_give_the_same_lines_and_another_seed_gives_others(tmp_path):
    write(tmp_path, de=[f"de {i}" for i in range(500)], en=[f"en {i}" for i in range(500)])
    drawn = from_folder(tmp_path, method(side="passage", texts_per_language=50))
    numbers = {code: [int(text.split()[1]) for text in sides["passage"]] for code, sides in drawn.items()}
    assert numbers["de"] == numbers["en"] == sorted(set(numbers["de"]))
    assert len(numbers["de"]) == 50
    assert from_folder(tmp_path, method(side="passage", texts_per_language=50)) == drawn
    assert from_folder(tmp_path, method(side="passage", texts_per_language=50, seed=2)) != drawn


def test_the_training_part_gives_each_text_once_and_none_that_is_held_out(tmp_path):
    data = toy_data(tmp_path, concepts=40, held_out=8)
    found = from_training(data, method())
    assert tuple(found) == LANGUAGES
    for number, code in enumerate(LANGUAGES):
        for side, held in (("query", data.questions), ("passage", data.passages)):
            assert found[code][side] == held.get(np.arange(8, 40), np.full(32, number))
    few = from_training(data, method(texts_per_language=10))
    assert {side: len(texts) for side, texts in few["de"].items()} == {"query": 5, "passage": 5}
    assert from_training(data, method(texts_per_language=10, side="passage"))["de"].keys() == {"passage"}


@pytest.mark.parametrize("there", [True, False])
def test_no_texts(tmp_path, there):
    folder = tmp_path if there else tmp_path / "nowhere"
    with pytest.raises(InputError, match="no files named LANGUAGE.txt here" if there else "no such folder"):
        from_folder(folder, method())


def test_another_encoding_is_told_with_its_line(tmp_path):
    (tmp_path / "de.txt").write_bytes(b"gut\nschlecht \xff\n")
    with pytest.raises(InputError) as error:
        from_folder(tmp_path, method())
    assert error.value.where == f"{tmp_path / 'de.txt'}:2"
