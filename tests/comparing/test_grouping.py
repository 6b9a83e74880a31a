from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from src.comparing.grouping import choose_baseline, group_runs
from src.comparing.labels import in_order
from src.comparing.runs import Run
from src.errors import InputError


def run(name: str, start: str = "1", choices: dict[str, str] | None = None, **config: Any) -> Run:
    folder = Path("/out") / name
    config = {"run_dir": str(folder), "logger": {"mode": name}, **config}
    return Run(folder, config, {"choices": choices or {}, "folder": str(folder), "start": start}, {})


def hybrid(name: str, alpha: float, seed: int, **more: Any) -> Run:
    sampler = {"_target_": "hybrid.Hybrid", "alpha": alpha}
    return run(name, choices={"sampler": "hybrid", "logger": "csv"}, sampler=sampler, seed=seed, **more)


def monolingual(name: str, seed: int, **more: Any) -> Run:
    sampler = {"_target_": "mono.Mono"}
    return run(name, choices={"sampler": "monolingual", "logger": "wandb"}, sampler=sampler, seed=seed, **more)


def test_seeds_are_repetitions_and_labels_name_what_differs():
    runs = [hybrid("a", 0.5, 2), hybrid("b", 0.5, 1), monolingual("c", 1)]
    grouping = group_runs(runs)
    assert [(group.label, [run.seed for run in group.runs]) for group in grouping.groups] == [
        ("sampler=hybrid", [1, 2]),
        ("sampler=monolingual", [1]),
    ]
    assert grouping.labels.confounded == {}
    assert grouping.repeated == []


def test_a_second_value_within_a_strategy_is_named():
    runs = [hybrid("a", 0.3, 1), hybrid("b", 0.5, 1), monolingual("c", 1)]
    assert [group.label for group in group_runs(runs).groups] == [
        "sampler=hybrid alpha=0.3",
        "sampler=hybrid alpha=0.5",
        "sampler=monolingual",
    ]


def test_seeds_inside_groups_and_the_own_folder_do_not_split_repetitions():
    runs = [
        hybrid(name, 0.5, seed, objective={"seed": seed}, callbacks={"dir": f"/out/{name}/checkpoints"})
        for seed, name in enumerate("abc")
    ]
    (group,) = group_runs(runs).groups
    assert (group.label, len(group.runs)) == ("the usual", 3)


def test_what_most_groups_have_is_said_once():
    runs = [
        hybrid("a", 0.5, 1, max_steps=200, lr=1e-3),
        hybrid("b", 0.5, 1, max_steps=200, lr=1e-2),
        monolingual("c", 1, max_steps=200, lr=1e-3),
        hybrid("d", 0.5, 1, max_steps=100, lr=1e-3),
    ]
    grouping = group_runs(runs)
    assert [group.label for group in grouping.groups] == [
        "sampler=hybrid",
        "sampler=hybrid lr=0.01",
        "sampler=hybrid max_steps=100",
        "sampler=monolingual",
    ]
    assert grouping.labels.usually == "max_steps=200 lr=0.001"


def test_two_keys_of_one_name_are_told_apart():
    runs = [
        run(str(n), seed=1, query={"length": q}, passage={"length": p})
        for n, (q, p) in enumerate([(1, 1), (1, 2), (2, 1), (2, 2)])
    ]
    assert [group.label for group in group_runs(runs).groups] == [
        "query.length=1 passage.length=1",
        "query.length=1 passage.length=2",
        "query.length=2 passage.length=1",
        "query.length=2 passage.length=2",
    ]


def test_a_setting_that_changes_with_the_strategy_is_said_and_can_be_ignored():
    runs = [hybrid("a", 0.5, 1, batch_size=64), monolingual("b", 1, batch_size=32)]
    grouping = group_runs(runs)
    assert [group.label for group in grouping.groups] == ["sampler=hybrid", "sampler=monolingual"]
    assert grouping.labels.confounded == {"batch_size": [64, 32]}
    assert group_runs(runs, ignore=["batch_size"]).labels.confounded == {}


def test_a_table_that_settings_are_read_from_is_no_setting():
    tables = [{"64": {"lr": lr}, "128": {"lr": 2 * lr}} for lr in (1e-3, 1e-4)]
    runs = [
        hybrid(name, 0.5, seed, by_batch_size=table)
        for seed, (name, table) in enumerate(zip("ab", tables, strict=True))
    ]
    assert len(group_runs(runs).groups) == 1
    others = [runs[0], monolingual("c", 0, by_batch_size=tables[1], batch_size=64)]
    assert group_runs(others).labels.confounded == {"batch_size": ["-", 64]}


def test_an_ignored_key_makes_repetitions_of_runs():
    runs = [hybrid("a", 0.5, 1, trainer={"threads": 1}), hybrid("b", 0.5, 2, trainer={"threads": 2})]
    assert len(group_runs(runs).groups) == 2
    assert len(group_runs(runs, ignore=["trainer.threads"]).groups) == 1


def test_a_run_done_twice_is_one_repetition_and_the_later_one_counts():
    first, second = monolingual("a", 1), monolingual("b", 1)
    second.record["start"] = "2"
    grouping = group_runs([second, first])
    assert [run.folder.name for run in grouping.groups[0].runs] == ["b"]
    assert [run.folder.name for run in grouping.repeated] == ["a"]


def test_the_baseline_is_monolingual_unless_asked_otherwise():
    groups = group_runs([hybrid("a", 0.3, 1), hybrid("b", 0.5, 1), monolingual("c", 1)]).groups
    assert choose_baseline(groups, None).label == "sampler=monolingual"
    assert choose_baseline(groups, "alpha=0.3").label == "sampler=hybrid alpha=0.3"
    assert choose_baseline(groups[:2], None) is groups[0]
    assert choose_baseline(groups[:1], None) is None
    with pytest.raises(InputError, match=r"More than one .* 'hybrid'"):
        choose_baseline(groups, "hybrid")
    with pytest.raises(InputError, match=r"use one of: sampler=hybrid alpha=0\.3; "):
        choose_baseline(groups, "mixed")


def test_terms_are_named_as_they_were_chosen_though_hydra_records_no_choice():
    def trained(name: str, terms: dict[str, Any], seed: int = 1) -> Run:
        return hybrid(name, 0.5, seed, terms=terms)

    modir = {"modir": {"_target_": "terms.MoDIR", "strength": 1.0}}
    coral = {"coral": {"_target_": "terms.CORAL", "means": False}}
    runs = [trained("a", {}), trained("b", modir), trained("c", modir, seed=2), trained("d", coral | modir)]
    grouping = group_runs(runs)
    assert [(group.label, len(group.runs)) for group in grouping.groups] == [
        ("terms=[]", 1),
        ("terms=[coral,modir]", 1),
        ("terms=[modir]", 2),
    ]
    assert grouping.labels.confounded == {}
    changed = trained("e", {"modir": {"_target_": "terms.MoDIR", "strength": 2.0}})
    assert {group.label for group in group_runs([*runs[:2], changed]).groups} == {
        "terms=[]",
        "terms=[modir] strength=1.0",
        "terms=[modir] strength=2.0",
    }


def test_a_run_without_an_adapter_is_named_so_beside_those_with():
    lora = run("a", choices={"adapter": "lora"}, adapter={"_target_": "lora.Lora", "rank": 8}, seed=1)
    whole = run("b", choices={"adapter": "None"}, seed=1)
    assert [group.label for group in group_runs([lora, whole]).groups] == ["adapter=lora", "adapter=null"]


def test_a_run_that_stopped_never_takes_the_place_of_a_finished_one():
    done, stopped, alone = monolingual("a", 1), monolingual("b", 1), monolingual("c", 2)
    stopped.record["start"] = "2"
    begun = [replace(each, finished=False) for each in (stopped, alone)]
    grouping = group_runs([done, *begun])
    assert [run.folder.name for run in grouping.groups[0].runs] == ["a", "c"]
    assert [run.folder.name for run in grouping.finished[0].runs] == ["a"]
    assert [run.folder.name for run in grouping.repeated] == ["b"]


def test_numbers_in_names_are_counted_not_spelled():
    names = ["batch_size=128", "batch_size=16", "batch_size=256 alpha=0.5", "batch_size=256 alpha=0.25", "lr=1e-05"]
    assert sorted(names, key=in_order) == [names[1], names[0], names[3], names[2], names[4]]
    assert sorted(["lr=0.001", "lr=1e-05"], key=in_order) == ["lr=1e-05", "lr=0.001"]
    assert sorted(["8", "alpha", "0.5"], key=in_order) == ["0.5", "8", "alpha"]  # a name may begin with either
