from io import StringIO
from pathlib import Path

from rich.console import Console

from src.reporting.folder import write_json
from src.sweeps.jobs import NO_END, SweptJob
from src.sweeps.status import headline, read_jobs, report_sweep

METRICS = {"b": {"settings": {"monolingual": {"mAP": 0.5, "R@1": 0.25}, "multilingual": {"mAP": 0.125, "R@1": 0.1}}}}


def note(sweep: Path, number: int, status: str, error: str | None = None, metric: str | None = None) -> Path:
    """A job's note, and its folder."""
    notes, folder = sweep / ".jobs" / "a", sweep / f"seed-{number}"
    for each in (notes, folder):
        each.mkdir(parents=True, exist_ok=True)
    job = {"number": number, "swept": f"seed={number}", "folder": str(folder), "status": status}
    write_json(notes / f"{number}.json", {**job, "error": error, "metric": metric})
    return folder


def test_jobs_come_in_order_with_what_their_folders_hold(tmp_path):
    for number in (10, 2):
        folder = note(tmp_path, number, "finished", metric="monolingual/R@1")
        write_json(folder / "record.json", {"status": "finished", "wall_seconds": 1.5 * number})
        write_json(folder / "metrics.json", METRICS)
    jobs = read_jobs(tmp_path / ".jobs" / "a")
    assert [(job.number, job.seconds, job.metric, job.value) for job in jobs] == [
        (2, 3.0, "monolingual/R@1", 0.25),
        (10, 15.0, "monolingual/R@1", 0.25),
    ]


def test_a_job_without_an_end_was_stopped_or_killed(tmp_path):
    stopped = note(tmp_path, 0, NO_END, "killed, or still running")
    write_json(stopped / "record.json", {"status": "interrupted", "wall_seconds": 7})
    killed = note(tmp_path, 1, NO_END, "killed, or still running")
    write_json(killed / "record.json", {"status": "running", "wall_seconds": 3})
    note(tmp_path, 2, NO_END, "killed, or still running")  # before it wrote anything
    jobs = read_jobs(tmp_path / ".jobs" / "a")
    assert [(job.status, job.error, job.seconds) for job in jobs] == [
        ("interrupted", None, 7),
        (NO_END, "killed, or still running", 3),
        (NO_END, "killed, or still running", None),
    ]


def test_a_failed_job_shows_no_earlier_starts_results(tmp_path):
    folder = note(tmp_path, 0, "failed", "out of memory")
    write_json(folder / "record.json", {"status": "interrupted", "wall_seconds": 7})
    write_json(folder / "metrics.json", METRICS)
    (job,) = read_jobs(tmp_path / ".jobs" / "a")
    assert (job.status, job.error, job.value) == ("failed", "out of memory", None)


def test_a_damaged_record_does_not_hide_the_table(tmp_path):
    (note(tmp_path, 0, "finished") / "record.json").write_text('{"status": "fin')
    (job,) = read_jobs(tmp_path / ".jobs" / "a")
    assert (job.status, job.seconds) == ("finished", None)


def test_the_headline_is_what_was_asked_for_or_what_the_table_leads_with():
    assert headline(METRICS, None) == ("multilingual/mAP", 0.125)
    assert headline(METRICS, "monolingual/mAP") == ("monolingual/mAP", 0.5)
    other = {"settings": {"multilingual": {"R@1": 0.9}}}
    shorter = {**METRICS, "b@8": {**other, "dimension": 8}}
    assert headline({"first": other, **shorter}, None) == ("multilingual/mAP", 0.125)
    assert headline({"b": {"settings": {"monolingual": {"mAP": 0.5}}}}, None) == ("monolingual/mAP", 0.5)
    assert headline({}, "monolingual/mAP") == ("monolingual/mAP", None)


def test_one_table_says_what_became_of_each_job(tmp_path):
    sweep = tmp_path / "outputs" / "first"
    jobs = [
        SweptJob(0, "sampler=hybrid seed=1", str(sweep / "a"), "finished", None, 12.34, "multilingual/mAP", 0.12345),
        SweptJob(1, "sampler=hybrid seed=2", str(sweep / "b"), "skipped", None, 9, "multilingual/mAP", 0.2),
        SweptJob(2, "sampler=mixed [x]", str(sweep / "c"), "failed", "CUDA out of memory", 3.0),
    ]
    out = Console(width=80, record=True, file=StringIO())
    report_sweep(out, sweep, jobs)
    text = out.export_text()
    assert max(map(len, text.splitlines()[:9])) <= 80
    assert "sweep first · 2 of 3 jobs finished · multilingual mAP" in text
    rows = [line.split() for line in text.splitlines() if line[1:2].isdigit()]
    assert rows == [
        ["0", "sampler=hybrid", "seed=1", "finished", "0.123", "12.3", "a"],
        ["1", "sampler=hybrid", "seed=2", "skipped", "0.200", "9.0", "b"],
        ["2", "sampler=mixed", "[x]", "failed", "–", "3.0", "c"],
    ]
    assert "#2 failed: CUDA out of memory" in text
    assert "go on with the same command with sweep=first" in text
    assert f"-m src.compare {sweep}\n" in text.split("folders are in")[1]


def test_nothing_is_to_be_done_after_a_sweep_that_finished(tmp_path):
    out = Console(width=80, record=True, file=StringIO())
    report_sweep(out, tmp_path, [SweptJob(0, "seed=1", str(tmp_path / "a"), "finished")])
    assert "go on" not in out.export_text()


def test_where_no_job_has_finished_there_is_nothing_to_compare(tmp_path):
    out = Console(width=80, record=True, file=StringIO())
    report_sweep(out, tmp_path, [SweptJob(0, "seed=1", str(tmp_path / "a"), "failed", "no")])
    assert "src.compare" not in out.export_text()


def test_the_folder_to_compare_can_be_typed(tmp_path):
    out = Console(width=80, record=True, file=StringIO())
    report_sweep(out, tmp_path / "my runs", [SweptJob(0, "seed=1", str(tmp_path / "my runs" / "a"), "finished")])
    assert f"-m src.compare '{tmp_path / 'my runs'}'\n" in out.export_text()


def test_jobs_of_several_metrics_and_folders_elsewhere(tmp_path):
    out = Console(width=200, record=True, file=StringIO())
    jobs = [
        SweptJob(0, "seed=1", str(tmp_path / "s" / "a"), "finished", None, 1, "multilingual/mAP", 0.1),
        SweptJob(1, "seed=2", "/elsewhere/b", "finished", None, 1, "multilingual/R@1", 0.2),
        SweptJob(2, "seed=3", str(tmp_path / "s" / "c"), "failed"),
    ]
    report_sweep(out, tmp_path / "s", jobs)
    text = out.export_text()
    assert "multilingual mAP, multilingual R@1" in text
    assert next(line for line in text.splitlines() if "swept" in line).split()[3] == "metric"
    assert "/elsewhere/b" in text
    assert "go on with the same command:" in text
