import io
from pathlib import Path

from rich.console import Console

from src.reporting.auditing import chosen_examples, report_audit


def overlap(language: str, number: int, similarity: float = 1.0, text: str = "a text") -> dict:
    return {
        "id": f"{language}{number}",
        "language": language,
        "exact": similarity == 1,
        "similarity": similarity,
        "text": text,
        "training": {"language": "en", "id": number, "text": text.upper()},
    }


def counted(**languages: tuple[int, int]) -> dict:
    def count(texts: int, exact: int) -> dict:
        return {"texts": texts, "exact": exact, "exact_share": exact / texts}

    total = [sum(each[place] for each in languages.values()) for place in range(2)]
    return {"all": count(*total), "languages": {code: count(*each) for code, each in languages.items()}}


def shown(audit: dict, **options) -> list[str]:
    out = Console(file=io.StringIO(), width=80)
    report_audit(out, audit, Path("outputs/x/audit.json"), **{"examples": 3, **options})
    return out.file.getvalue().splitlines()


AUDIT = {
    "similarity": None,
    "sentences": True,
    "training": {"name": "mine", "questions": 1000, "passages": 20},
    "benchmarks": {
        "theirs[en]": {
            "parts": {"questions": counted(de=(8, 1), en=(1192, 599)), "relevant passages": counted(en=(4, 0))},
            "overlaps": {"questions": [overlap("de", 1, text="x" * 500)], "relevant passages": []},
        }
    },
}


def test_examples_are_of_each_language_and_nearly_alike_first():
    overlaps = [overlap("de", 1), overlap("de", 2, 0.8), overlap("de", 3, 0.9), overlap("th", 4)]
    assert [each["id"] for each in chosen_examples(overlaps, 3)] == ["de2", "th4", "de3"]
    assert [each["id"] for each in chosen_examples(overlaps, 9)] == ["de2", "th4", "de3", "de1"]
    assert chosen_examples(overlaps, 0) == chosen_examples([], 3) == []


def test_the_report():
    lines = shown(AUDIT)
    assert lines[1] == " theirs[en] in mine · 1,000 questions · 20 passages"
    rows = [line.split() for line in lines]
    assert ["de", "8", "1", "12.5", "%"] in rows
    assert ["all", "1,200", "600", "50.0", "%"] in rows
    assert rows.count(["en", "4", "0", "0.0", "%"]) == 1
    assert sum(line.count("x") for line in lines if "audit.json" not in line) < 300
    assert max(len(line) for line in lines if "-m src." not in line) <= 80
    assert not any("near" in line for line in lines)


def test_a_suite_has_a_row_for_each_benchmark():
    one = AUDIT["benchmarks"]["theirs[en]"]
    new = {"parts": {"questions": counted(fr=(5, 0)), "relevant passages": counted(fr=(5, 0))}, "overlaps": {}}
    lines = [line.strip() for line in shown({**AUDIT, "benchmarks": {"theirs[en]": one, "new": new}})]
    assert "2 benchmarks in mine · 1,000 questions · 20 passages" in lines
    assert ["theirs[en]", "50.0", "%,", "en", "50.3", "%", "0.0", "%"] in [line.split() for line in lines]
    assert ["new", "0.0", "%", "0.0", "%"] in [line.split() for line in lines]
    assert sum("questions: de1" in line for line in lines) == 1


def test_what_to_type_next_has_the_same_data_and_nothing_of_this_run():
    typed = [
        "dataset=squad",
        "dataset.folder=a b",
        "benchmark=mlqa_r",
        "similarity=0.6",
        "hydra.run.dir=x",
        "examples=1",
    ]
    told = [line for line in shown(AUDIT, overrides=[*typed, "max_overlap=0.2"]) if "-m src." in line]
    assert told[0].endswith("-m src.train dataset=squad 'dataset.folder=a b' benchmark=mlqa_r")
    assert told[1].endswith("benchmark=mlqa_r similarity=0.6 examples=1 max_overlap=0.01")
