"""Where mMARCO's files are: the layout of the repository `unicamp-dl/mmarco`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from src.errors import InputError

NAMES = {
    "ar": "arabic",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "hi": "hindi",
    "id": "indonesian",
    "it": "italian",
    "ja": "japanese",
    "nl": "dutch",
    "pt": "portuguese",
    "ru": "russian",
    "vi": "vietnamese",
    "zh": "chinese",
}
VARIANTS = ("google", "helsinki")  # the two translations; helsinki lacks ar, hi, ja, nl and vi


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths inside a copy of the repository."""

    folder: Path
    variant: str

    @property
    def triples(self) -> Path:
        """Lines of question id, positive passage id, negative passage id."""
        return self.folder / "data" / "triples.train.ids.small.tsv"

    def collection(self, language: str) -> Path:
        """Lines of passage id, text."""
        return self.folder / "data" / self.variant / "collections" / f"{NAMES[language]}_collection.tsv"

    def questions(self, language: str) -> Path:
        """Lines of question id, text."""
        return self.folder / "data" / self.variant / "queries" / "train" / f"{NAMES[language]}_queries.train.tsv"

    def files(self, languages: Sequence[str]) -> list[Path]:
        """Everything that a training run in these languages reads."""
        texts = [path for code in languages for path in (self.questions(code), self.collection(code))]
        return [self.triples, *texts]


def find_layout(folder: Path, variant: str, languages: Sequence[str] | None) -> tuple[Layout, tuple[str, ...]]:
    """The layout and the languages, each checked to be there; without languages, all whose collection is."""
    if variant not in VARIANTS:
        raise InputError(f"unknown variant {variant!r}", where="dataset.variant", fix=f"use {' or '.join(VARIANTS)}")
    layout = Layout(folder, variant)
    codes = tuple(languages) if languages is not None else tuple(c for c in NAMES if layout.collection(c).is_file())
    if languages is None and not codes:
        raise InputError(
            f"no collection of mMARCO here, such as {layout.collection('de').relative_to(folder)}",
            where=f"dataset.folder={folder}",
            fix="download the data set unicamp-dl/mmarco into the folder, under the same names",
        )
    if not codes or len(set(codes)) != len(codes) or not all(code in NAMES for code in codes):
        raise InputError(
            f"languages {list(codes)} are not different ones of mMARCO",
            where="dataset.languages",
            fix=f"choose from {', '.join(NAMES)}, and download their files",
        )
    if missing := [path for path in layout.files(codes) if not path.is_file()]:
        raise InputError(
            f"missing {', '.join(str(path.relative_to(folder)) for path in missing)}",
            where=str(folder),
            fix="download these files of the data set unicamp-dl/mmarco into the folder, under the same names",
        )
    return layout, codes
