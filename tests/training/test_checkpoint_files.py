"""A checkpoint is whole or not there, and what was there before stays."""

import errno
import zipfile

import pytest
import torch

from src.errors import InputError
from src.training import checkpoint_files
from src.training.checkpoint_files import WholeFiles, read_whole, remove_partial

STATE = {"state_dict": {"weights": torch.arange(50_000.0)}, "global_step": 4}


@pytest.fixture
def last(tmp_path):
    path = tmp_path / "checkpoints" / "last.ckpt"
    WholeFiles().save_checkpoint(STATE, path)
    return path


def names(path):
    return sorted(each.name for each in path.parent.iterdir())


def test_what_was_written_is_read(last):
    held = read_whole(last, "trainer.resume")
    assert torch.equal(held["state_dict"]["weights"], STATE["state_dict"]["weights"])
    assert names(last) == ["last.ckpt"]


@pytest.mark.parametrize("how", [KeyboardInterrupt, SystemExit])
def test_a_write_that_is_cut_off_leaves_the_earlier_file(last, monkeypatch, how):
    def half(state, file):
        file.write(b"PK half of it")
        raise how

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint_files.torch, "save", half)
        with pytest.raises(how):
            WholeFiles().save_checkpoint({**STATE, "global_step": 8}, last)
    assert read_whole(last, "here")["global_step"] == 4
    assert not [name for name in names(last) if name.endswith(".ckpt") and name != "last.ckpt"]
    WholeFiles().save_checkpoint({**STATE, "global_step": 8}, last)
    assert read_whole(last, "here")["global_step"] == 8
    assert names(last) == ["last.ckpt"]


def test_what_a_killed_run_was_writing_is_swept_away(last):
    (last.parent / ".last.ckpt.partial").write_bytes(b"half")
    remove_partial(last.parent)
    assert names(last) == ["last.ckpt"]


def full_by_patch(last, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint_files.torch, "save", full)


def full_for_torch(last, monkeypatch):
    """The system's own full disk: torch notices, and says something else."""
    (last.parent / f".{last.name}.partial").symlink_to("/dev/full")


@pytest.mark.parametrize("fill", [full_by_patch, full_for_torch])
def test_a_full_disk_is_told_and_keeps_the_earlier_file(last, monkeypatch, fill):
    fill(last, monkeypatch)
    with pytest.raises(InputError, match="cannot be written: No space left on device") as error:
        WholeFiles().save_checkpoint({**STATE, "global_step": 8}, last)
    assert error.value.where == str(last)
    assert "kept: last.ckpt" in (error.value.fix or "")
    assert names(last) == ["last.ckpt"]
    assert read_whole(last, "here")["global_step"] == 4


def test_another_error_stays_what_it_is(last, monkeypatch):
    monkeypatch.setattr(checkpoint_files.torch, "save", lambda *_: (_ for _ in ()).throw(RuntimeError("mine")))
    with pytest.raises(RuntimeError, match="mine"):
        WholeFiles().save_checkpoint(STATE, last)


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.999])
def test_a_truncated_file_is_refused(last, keep):
    whole = last.read_bytes()
    last.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(InputError, match="cannot be read"):
        read_whole(last, "trainer.resume")


def test_a_changed_byte_is_refused_though_torch_reads_it(last):
    content = bytearray(last.read_bytes())
    with zipfile.ZipFile(last) as archive:
        data = max(archive.infolist(), key=lambda entry: entry.file_size)
    content[data.header_offset + data.file_size // 2] ^= 1
    last.write_bytes(content)
    assert torch.load(last, weights_only=True)["global_step"] == 4
    with pytest.raises(InputError, match="the checkpoint is damaged"):
        read_whole(last, "trainer.resume")
