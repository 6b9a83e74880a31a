import pytest

from src.data.language_files import find_language_files
from src.errors import InputError


@pytest.fixture
def folder(tmp_path):
    def make(*names):
        for name in names:
            (tmp_path / name).touch()
        return tmp_path

    return make


def found(folder, languages=None, pattern=None, files=None):
    chosen = find_language_files(folder, languages, pattern, files)
    return {code: path.name for code, (path,) in chosen.items()}


@pytest.mark.parametrize(
    "name",
    [
        "{}.json",
        "{}.json.gz",
        "xquad.{}.json",
        "squad.translate.train.en-{}.json",
        "squad.translate.dev.en-{}.json",
        "dev-context-{0}-question-{0}.json",
        "test-context-{0}-question-{0}.json",
    ],
)
def test_published_names_are_found_without_a_pattern(folder, name):
    at = folder(name.format("zh"), name.format("de"), "LICENSE", "README.md", "train-v1.1.json")
    assert found(at) == {"de": name.format("de"), "zh": name.format("zh")}


def test_languages_are_in_the_order_asked_for(folder):
    at = folder("de.json", "en.json", "zh.json")
    assert list(found(at, ["zh", "de"])) == ["zh", "de"]


def test_translations_with_the_original_named_outright(folder):
    at = folder("train-v1.1.json", "squad.translate.train.en-de.json", "squad.translate.train.en-zh.json")
    files = {"en": "train-v1.1.json"}
    assert list(found(at, files=files)) == ["de", "en", "zh"]
    assert found(at, ["en", "zh"], files=files) == {
        "en": "train-v1.1.json",
        "zh": "squad.translate.train.en-zh.json",
    }
    assert found(at, ["en"], files=files) == files


def test_named_files_need_no_pattern_at_all(folder):
    at = folder("new_wiki_v1.0.json.gz", "other.txt")
    assert found(at, files={"en": "new_wiki_v1.0.json.gz"}) == {"en": "new_wiki_v1.0.json.gz"}


def test_a_language_may_have_several_files_packed_or_not(folder):
    at = folder("a.json.gz", "b.json", "b.json.gz", "other.json")
    chosen = find_language_files(at, ["en"], None, {"en": ["b.json", "a.json"]})
    assert [path.name for path in chosen["en"]] == ["b.json", "a.json.gz"]
    with pytest.raises(InputError, match=r"missing c\.json"):
        find_language_files(at, ["en"], None, {"en": ["b.json", "c.json"]})


def test_a_pattern_of_ones_own(folder):
    at = folder("my.de.v2.json", "my.zh-Hant.v2.json", "my..v2.json", "de.json")
    assert found(at, pattern="my.{language}.v2.json") == {"de": "my.de.v2.json", "zh-Hant": "my.zh-Hant.v2.json"}


def test_a_language_that_comes_twice_in_a_name_must_agree(folder):
    at = folder("dev-context-de-question-de.json", "dev-context-de-question-en.json")
    assert found(at) == {"de": "dev-context-de-question-de.json"}


@pytest.mark.parametrize(
    ("names", "settings", "message"),
    [
        (["en.json", "xquad.de.json"], {}, r"more than one way: \{language\}\.json, xquad\.\{language\}\.json"),
        (["en.json", "de.json.gz"], {}, "more than one way"),
        (["data.txt"], {}, r"no file is named like [^§]*which holds data\.txt"),
        ([], {}, "which holds nothing"),
        (["en.json"], {"pattern": "x.{language}.json"}, r"no file is named like x\.\{language\}\.json"),
        (["en.json"], {"pattern": "en.json"}, r"has no \{language\}"),
        (["en.json", "de.json"], {"languages": ["en", "fr", "xx"]}, "no file for fr, xx; there are files for de, en"),
        (["en.json"], {"languages": ["en", "en"]}, "not a list of different codes"),
        (["en.json"], {"languages": []}, "not a list of different codes"),
        (["no.json"], {"languages": [False]}, 'quote "no"'),
        (["en.json"], {"files": {"en": "train.json"}}, r"missing train\.json[^§]*which holds en\.json"),
        (["en.json"], {"files": {"en": None}}, r"None names no file[^§]*dataset\.files\.en"),
        (["en.json"], {"files": {"en": []}}, "names no file"),
        (["en.json"], {"files": {"en": ["en.json", 3]}}, "names no file"),
        (["no.json"], {"files": {False: "no.json"}}, 'quote "no"'),
    ],
)
def test_what_cannot_be_found_is_said_with_what_is_there(folder, names, settings, message):
    with pytest.raises(InputError, match=message):
        found(folder(*names), **settings)


def test_a_missing_folder(tmp_path):
    with pytest.raises(InputError, match="no folder"):
        found(tmp_path / "absent")
