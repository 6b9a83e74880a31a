"""Writes the pages of docs/ that are generated, docs/reference.md and docs/batches.md.

python -m src.reference takes no options.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from src.entry import CONF
from src.errors import BAD_INPUT

DOCS = Path(CONF).parent / "docs"


def main() -> None:
    """Write both pages."""
    from omegaconf import OmegaConf

    from src.documenting.batches import batches
    from src.documenting.reference import reference

    log = logging.getLogger(__name__)
    cache_dir = Path(OmegaConf.load(Path(CONF) / "train.yaml").cache_dir)
    for name, text in {"reference.md": reference(Path(CONF)), "batches.md": batches(CONF, cache_dir)}.items():
        file = DOCS / name
        state = "as it was" if file.is_file() and file.read_text(encoding="utf-8") == text else "written"
        file.write_text(text, encoding="utf-8")
        log.info("%s: %s", file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file, state)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if sys.argv[1:] in (["--help"], ["-h"]):
        logging.getLogger(__name__).info("%s", __doc__)
        sys.exit()
    if sys.argv[1:]:
        logging.getLogger(__name__).error("error: python -m src.reference takes no options, got %s", sys.argv[1])
        sys.exit(BAD_INPUT)
    main()
