import shutil

import pytest

from src.errors import InputError
from src.preflight.findings import NotCheckedError
from src.preflight.places import check_place, check_room, check_wandb, existing, gigabytes


def test_nothing_is_made(tmp_path):
    there, _ = check_place(tmp_path / "a" / "b", "elsewhere")
    assert there == existing(tmp_path / "a" / "b") == tmp_path
    assert not list(tmp_path.iterdir())


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="a file is in the way"):
        check_place(tmp_path / "file" / "run", "elsewhere")


def test_room_is_added_up_by_disk(tmp_path):
    free = shutil.disk_usage(tmp_path).free
    assert "MB of" in check_room({tmp_path: 1000, tmp_path / "cache": 1000})
    with pytest.raises(InputError, match=r"are free\n  where: "):
        check_room({tmp_path / "run": int(0.6 * free), tmp_path / "cache": int(0.6 * free)})


@pytest.mark.parametrize(("size", "told"), [(0, "0.0 MB"), (34e6, "34.0 MB"), (1.25e9, "1.2 GB"), (2e12, "2,000.0 GB")])
def test_sizes(size, told):
    assert gigabytes(size) == told


def test_wandb_is_asked_only_where_it_is_used(monkeypatch):
    logger = {"_target_": "src.reporting.wandb_logger.WandbLogger", "mode": "auto", "project": "p"}
    for mode in ("offline", "disabled"):
        monkeypatch.setenv("WANDB_MODE", mode)
        assert check_wandb(logger)[0] == mode
    with pytest.raises(InputError):
        check_wandb({**logger, "mode": "loud"})
    with pytest.raises(NotCheckedError):
        check_wandb({"_target_": "src.reporting.csv_logger.CsvLogger"})
