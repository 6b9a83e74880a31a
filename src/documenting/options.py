"""A file of the configuration with its comments, which YAML parsers throw away: its head, defaults and options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

PLUMBING = ("hydra", "defaults")  # keys of an entry point that are no options of a job


@dataclass(frozen=True)
class Option:
    """One key of a file, with its value as it is written there."""

    key: str  # such as checkpoint.monitor
    value: str | None  # None: the key holds the options that follow
    comment: str


@dataclass(frozen=True)
class Default:
    """One entry of a file's defaults list."""

    group: str | None  # such as model; None: another file of the same group
    choice: str
    comment: str


@dataclass(frozen=True)
class ConfigFile:
    """What a file of conf/ says, in the order in which it says it."""

    path: Path
    package: str | None  # of its `# @package` line
    head: list[str]  # its leading comment, line by line
    defaults: list[Default]
    options: list[Option]
    body: str  # all that follows the leading comment

    @property
    def name(self) -> str:
        """The choice that the file is."""
        return self.path.stem


def read_file(path: Path) -> ConfigFile:
    """One YAML file; what YAML makes of it decides where keys and values are, its lines hold the comments."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    count = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    head = [line.removeprefix("#").removeprefix(" ").rstrip() for line in lines[:count]]
    package = next((line.split()[1] for line in head if line.startswith("@package")), None)
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    return ConfigFile(
        path=path,
        package=package,
        head=[line for line in head if not line.startswith("@package")],
        defaults=[each for key, node in pairs if key.value == "defaults" for each in _defaults(node, lines)],
        options=[each for key, node in pairs if key.value not in PLUMBING for each in _options(key, node, text, lines)],
        body="\n".join(lines[count:]).strip(),
    )


def _options(key: yaml.Node, node: yaml.Node, text: str, lines: list[str], above: str = "") -> Iterator[Option]:
    name = f"{above}{key.value}"
    if key.value.startswith("_") and key.value.endswith("_"):
        return  # _target_ and its like say what is made, not how
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        yield Option(name, None, _comment(lines, key.end_mark))
        for inner, value in node.value:
            yield from _options(inner, value, text, lines, f"{name}.")
        return
    value = " ".join(text[node.start_mark.index : node.end_mark.index].split())
    yield Option(name, value or "null", _comment(lines, node.end_mark))


def _defaults(node: yaml.Node, lines: list[str]) -> Iterator[Default]:
    for item in node.value:
        if isinstance(item, yaml.ScalarNode):
            if item.value == "_self_":
                continue
            group, at, package = item.value.partition("@")
            yield Default(package or None, group if at else item.value, _comment(lines, item.end_mark))
            continue
        for key, value in item.value:
            if not key.value.startswith("override hydra/"):
                group = key.value.removeprefix("override ").removeprefix("/")
                yield Default(group, _plain(value), _comment(lines, value.end_mark))


def _plain(node: yaml.Node) -> str:
    return "null" if node.value in ("", "null") else str(node.value) if isinstance(node.value, str) else "[]"


def _comment(lines: list[str], mark: yaml.Mark) -> str:
    """What stands behind a value on its line, and goes on below on lines of its own."""
    found = re.match(r":?\s*#\s*(.*)$", lines[mark.line][mark.column :]) if mark.line < len(lines) else None
    if not found:
        return ""
    parts = [found[1].strip()]
    for line in lines[mark.line + 1 :]:
        if not line.lstrip().startswith("#"):
            break
        parts.append(line.lstrip(" #").strip())
    return " ".join(parts)
