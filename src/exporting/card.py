"""A model card: what the encoder is, how to use it, what it was trained on, and what was measured of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from src.encoder.dual_encoder import DualEncoder
from src.exporting.card_results import measured_section
from src.exporting.card_training import overlap_section, training_section
from src.exporting.card_use import use_section
from src.exporting.results import Result
from src.exporting.source import Source
from src.reporting.closing import footnotes
from src.reporting.tables import SETTINGS, counted

TAGS = ["sentence-transformers", "sentence-similarity", "feature-extraction", "retrieval", "multilingual", "evenhand"]
GENERATED = "cldr_facts"


@dataclass(frozen=True, eq=False)
class Card:
    """All that a card tells."""

    name: str  # its title
    address: str  # how the code on it loads the model: a hub id, or the folder's name
    license: str
    data_license: str | None
    encoder: DualEncoder
    source: Source
    results: Sequence[Result]
    check: Mapping[str, Any]
    left_out: str | None = None  # debiasing that the run fitted and the export lacks

    def text(self) -> str:
        """The README.md."""
        parts = [
            f"---\n{_yaml(self.metadata())}---",
            f"# {self.name}",
            self._opening(),
            use_section(self.address, self.encoder),
            training_section(self.source, self.encoder.settings),
            measured_section(self.results, self.source.without, self._notes()),
            overlap_section(self.source.record),
            self._licence(),
            self._export(),
        ]
        return "\n\n".join(parts) + "\n"

    def metadata(self) -> dict[str, Any]:
        """What the hub reads of a card."""
        base = (self.source.config.get("model") or {}).get("name_or_path")
        known = {"base_model": base} if base and not Path(base).expanduser().exists() else {}
        results = [_for_the_hub(result) for result in self.results]
        index = {"model-index": [{"name": self.name, "results": results}]} if results else {}
        return {
            "license": self.license,
            "language": self.source.languages,
            "library_name": "sentence-transformers",
            "pipeline_tag": "sentence-similarity",
            "tags": TAGS,
            **known,
            **index,
        }

    def _opening(self) -> str:
        languages = self.source.languages
        told = f" in {counted(len(languages), 'language')} ({', '.join(languages)})" if languages else ""
        scored = "cosine" if self.encoder.normalize else "inner product"
        sides = "one encoder for both" if self.encoder.shared else "an encoder for each"
        return (
            f"A retriever: questions and passages{told} become vectors of {self.encoder.dimension} numbers, compared "
            f"by their {scored}; {sides}. Trained and measured with "
            "evenhand, which asks whether a retriever is good within, across and over mixed languages "
            "without favouring the asker's."
        )

    def _notes(self) -> list[str]:
        choices = self.source.record.get("choices") or {}
        scored = [str(choices.get("dataset")), *(result.summary["name"] for result in self.results)]
        return footnotes(
            generated_data=any(name.startswith(GENERATED) for name in scored), pretrained=choices.get("model") != "tiny"
        )

    def _licence(self) -> str:
        data = self.data_license or "not stated by whoever exported this model: ask before you rely on it"
        return f"## Licence\n\n- Model: {self.license}\n- Training data: {data}"

    def _export(self) -> str:
        worst = max(self.check["largest_difference"].values())
        lines = [
            f"- Loaded with sentence-transformers and compared with the trained encoder on {self.check['texts']} texts "
            f"in {counted(len(self.check['languages']), 'language')}: no component differs by more than {worst:.1e} of "
            "the vector's length.",
            "- `run/` holds the record, the configuration and the results of the run that trained it; `export.json` "
            "this export's options and checks.",
        ]
        if self.left_out:
            lines.insert(
                0,
                f"- **Without its debiasing**: the run removed {self.left_out} from embeddings by their "
                "language, and this model does not.",
            )
        return "## Export\n\n" + "\n".join(lines)


def _for_the_hub(result: Result) -> dict[str, Any]:
    """Results as a model index holds them."""
    summary = result.summary
    metrics = [
        {
            "type": metric,
            "name": f"{metric}, {SETTINGS.get(setting, setting)}",
            "value": round(float(values[metric]), 5),
        }
        for setting, values in summary["settings"].items()
        for metric in result.metrics
        if values.get(metric) is not None
    ]
    task = {"type": "retrieval", "name": "Retrieval"}
    return {
        "task": task,
        "dataset": {"name": summary["name"], "type": summary["name"].partition("[")[0]},
        "metrics": metrics,
    }


def _yaml(values: Mapping[str, Any]) -> str:
    import yaml

    return yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True)
