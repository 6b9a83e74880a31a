"""The folder of a mining: written whole, found again by the same command, never over anything else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from src.data.fingerprint import digest
from src.errors import InputError
from src.reporting.folder import read_json, replacing, write_json
from src.reporting.settings import settings

DATA, RECORD = "train.jsonl", "mine.json"
OURS = {DATA, RECORD, "log.txt"}
SHOWN_ONLY = ("examples", "device")  # options that change nothing that is mined
FIX = "choose another folder with hydra.run.dir=..."


def check_own(folder: Path) -> None:
    """InputError where the folder holds anything that a mining does not leave there."""
    if not folder.is_dir():
        return
    others = sorted(entry.name for entry in folder.iterdir() if entry.name not in OURS and not _left_over(entry.name))
    if others:
        raise InputError(f"the folder is not a mining's: it holds {others[0]!r}", where=str(folder), fix=FIX)
    if (folder / DATA).exists() and not (folder / RECORD).is_file():
        what = f"it holds a {DATA} that no {RECORD} describes, which would be lost"
        raise InputError(what, where=str(folder), fix=FIX)


def identity_of(config: Mapping[str, Any], folder: Path, **about: str) -> str:
    """Hash of all that decides what is mined: options, data, encoder."""
    return digest(settings(config, folder, SHOWN_ONLY), about)


def already_mined(folder: Path, identity: str) -> dict[str, Any] | None:
    """The record of the same mining if it has been done here; InputError if another's data are here."""
    if not (folder / DATA).exists():
        return None
    record: dict[str, Any] = read_json(folder / RECORD)
    if record.get("identity") != identity:
        what = "the folder holds what was mined with other options, data or encoder"
        raise InputError(what, where=str(folder), fix=FIX)
    return record


def save(folder: Path, write: Callable[[Path], str], record: Mapping[str, Any]) -> dict[str, Any]:
    """Write data and record: `write` is given the data's path and returns their hash. Data without a record are never
    left.
    """
    with replacing(folder / DATA) as temporary:
        whole = {**record, "file": {"name": DATA, "sha256": write(temporary)}}
        write_json(folder / RECORD, whole)
    return whole


def _left_over(name: str) -> bool:
    """What a killed mining may leave."""
    return name.startswith((f".{DATA}.", f".{RECORD}.", ".writable-"))
