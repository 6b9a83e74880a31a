import os
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """Folder of real data by name; the test is skipped, saying so, where it is absent."""
    root = Path(os.environ.get("EVENHAND_DATA", Path(__file__).resolve().parents[1] / ".." / "shared" / "data"))

    def find(name: str) -> Path:
        if not (root / name).is_dir():
            pytest.skip(f"real data {name!r} not found in {root} (set EVENHAND_DATA)")
        return root / name

    return find
