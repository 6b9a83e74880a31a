"""Comments are read where they stand, and no key is lost."""

from pathlib import Path

import pytest
import yaml
from omegaconf import DictConfig, OmegaConf

from src.documenting.options import PLUMBING, Default, read_file
from src.documenting.reference import HIDDEN
from tests.command import ROOT

FILES = sorted(path for path in (ROOT / "conf").rglob("*.yaml") if path.parent.name not in HIDDEN)
NAMES = [str(path.relative_to(ROOT / "conf")) for path in FILES]


def written(tmp_path: Path, text: str) -> Path:
    (tmp_path / "a.yaml").write_text(text)
    return tmp_path / "a.yaml"


def test_heads_values_and_comments(tmp_path):
    text = (
        "# @package terms.a\n# What it is.\n#   indented\n\n"
        "_target_: somewhere\nfree: 'a # b'  # with a hash\nlist: [1,\n  2]  # two lines\n"
        "long: null  # begins here,\n# and ends here\n\n# of nobody\nbare:\n"
        "block:  # of both\n  x: ${a.b}\n  y: {z: 1}  # flow\n"
    )
    file = read_file(written(tmp_path, text))
    assert file.package == "terms.a"
    assert file.head == ["What it is.", "  indented"]
    assert [(each.key, each.value, each.comment) for each in file.options] == [
        ("free", "'a # b'", "with a hash"),
        ("list", "[1, 2]", "two lines"),
        ("long", "null", "begins here, and ends here"),
        ("bare", "null", ""),
        ("block", None, "of both"),
        ("block.x", "${a.b}", ""),
        ("block.y", "{z: 1}", "flow"),
    ]


def test_defaults(tmp_path):
    text = (
        "defaults:\n  - hf\n  - _self_\n  - model: null  # none\n  - a@b.c\n  - /d@e: f\n"
        "  - override /logger: csv\n  - override hydra/help: x\n  - terms: []\nhydra:\n  run: 1\n"
    )
    file = read_file(written(tmp_path, text))
    assert file.options == []
    assert file.defaults == [
        Default(None, "hf", ""),
        Default("model", "null", "none"),
        Default("b.c", "a", ""),
        Default("d@e", "f", ""),
        Default("logger", "csv", ""),
        Default("terms", "[]", ""),
    ]


def leaves(config: DictConfig, above: str = "") -> dict[str, object]:
    found = {}
    for key, value in config.items_ex(resolve=False):
        if str(key).startswith("_") or (not above and key in PLUMBING):
            continue
        inner = leaves(value, f"{above}{key}.") if isinstance(value, DictConfig) and len(value) else {}
        found |= inner or {f"{above}{key}": OmegaConf.to_container(value) if OmegaConf.is_config(value) else value}
    return found


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_no_key_and_no_value_of_the_configuration_is_lost(path):
    """What OmegaConf reads is what is told; a mapping on one line counts as one value."""
    told = {each.key: yaml.safe_load(each.value) for each in read_file(path).options if each.value is not None}
    loaded = leaves(OmegaConf.load(path))
    flat = leaves(OmegaConf.create({f"key {key}": value for key, value in told.items()}))
    assert {key.removeprefix("key "): value for key, value in flat.items()} == loaded


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_no_comment_behind_a_value_is_lost(path):
    file = read_file(path)
    told = " ".join(each.comment for each in [*file.options, *file.defaults])
    for line in file.body.split("\nhydra:")[0].splitlines():
        assert line.startswith("_") or line.partition(" # ")[2].strip() in told, line
