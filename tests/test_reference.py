"""The pages of docs/ that are generated are current."""

import re

from src.documenting.reference import HIDDEN, reference
from tests.command import ROOT

CONF, DOCS = ROOT / "conf", ROOT / "docs"
REFERENCE = (DOCS / "reference.md").read_text(encoding="utf-8")
COMMAND = "not current: python -m src.reference"


def test_the_reference_is_current():
    assert reference(CONF) == REFERENCE, COMMAND


def test_each_choice_and_each_command_has_its_entry():
    choices = [path for path in CONF.glob("*/**/*.yaml") if path.parent.name not in HIDDEN]
    for path in choices:
        assert f"#### `{path.parent.relative_to(CONF)}={path.stem}`\n" in REFERENCE
    commands = re.findall(r"### `python -m src\.(\w+)`", REFERENCE)
    assert len(commands) == len(list(CONF.glob("*.yaml")))
    assert commands[0] == "train"
    assert all((ROOT / "src" / f"{name}.py").is_file() for name in commands)
