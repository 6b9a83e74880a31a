"""docs/reference.md: every command, group, choice and option, as the files of conf/ and their comments tell them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from src.documenting.described import shown
from src.documenting.markdown import code, comment, prose, table
from src.documenting.options import ConfigFile, Default, read_file

HEAD = """# Every option

Written by `python -m src.reference` out of the files of [conf/](../conf) and their comments: change those, not this.

An option is changed with `option=value`, a group's choice with `group=choice`, an option of a choice with
`group.option=value` (`sampler.alpha=0.3`). `null` stands for nothing, `${a.b}` for the value of the option `a.b`,
*required* for what has no default. `python -m src.train --cfg job` shows what a command comes to and runs nothing.
`src.check` takes the options of `src.train`.
"""
HIDDEN = ("help", "hydra_logging", "job_logging")  # how Hydra speaks: nothing to choose
ORDER = ("train", "evaluate", "compare")  # commands that come first; the others follow by name
REQUIRED = "???"


def reference(conf: Path) -> str:
    """The page, from the folder of the configuration."""
    commands = sorted(conf.glob("*.yaml"), key=lambda path: (_place(path.stem), path.stem))
    folders = sorted({path.parent for path in conf.rglob("*.yaml")} - {conf}, key=str)
    groups = [folder for folder in folders if folder.name not in HIDDEN]
    lines = [HEAD, "## Commands", ""]
    lines += [line for path in commands for line in _command(read_file(path))]
    lines += ["## Groups", ""]
    lines += [line for folder in groups for line in _group(folder, folder.relative_to(conf).as_posix())]
    return "\n".join(lines).rstrip() + "\n"


def _place(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)


def _command(file: ConfigFile) -> Iterator[str]:
    module = file.head[0].split()[2]  # of "python -m src.train ..."
    yield from (f"### `python -m {module}`", "")
    yield from comment(file.head)
    if file.defaults:
        yield from table(("group", "default", ""), map(_default, file.defaults))
    yield from _options(file)


def _default(default: Default) -> tuple[str, str, str]:
    return code(f"{default.group}="), code(default.choice), prose(default.comment)


def _group(folder: Path, name: str) -> Iterator[str]:
    yield from (f"### `{name}=`", "")
    for path in sorted(folder.glob("*.yaml")):
        file = read_file(path)
        yield from (f"#### `{name}={file.name}`", "")
        yield from comment(file.head)
        yield from (_sets(file) if name == "experiment" else _choice(file, name))


def _choice(file: ConfigFile, group: str) -> Iterator[str]:
    for default in file.defaults:
        if default.group is None:
            yield from (f"As `{group}={default.choice}`, but for what stands here.", "")
        else:
            at, _, package = default.group.partition("@")
            yield from (f"`{group}.{package or at}`: `{default.choice}`{f', of `{at}=`' if package else ''}.", "")
    yield from _options(file, file.package or group)


def _sets(file: ConfigFile) -> Iterator[str]:
    """A recipe has no options of its own: it sets those of others."""
    yield from ("```yaml", file.body, "```", "")


def _options(file: ConfigFile, package: str | None = None) -> Iterator[str]:
    rows = [
        (code(option.key), _value(option.value), prose(shown(option, file)))
        for option in file.options
        if option.value is not None or option.comment
    ]
    if rows:
        start = f"{package}." if package and not package.startswith("hydra/") else ""
        yield from table((f"`{start}`" if start else "option", "default", ""), rows)


def _value(value: str | None) -> str:
    if value is None:  # a block: what it says is for all that it holds
        return ""
    return "*required*" if value == REQUIRED else code(value)
