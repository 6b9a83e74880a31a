"""Two ranks, of which one or both are asked to stop: both end after the same step, and go on exactly."""

import os
import signal

import pytest

from benchmarks import faults
from tests.distributed.test_train_ddp import alive

MORE = ["max_steps=60", *faults.TWO_RANKS]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_signal_to_one_rank_ends_both_and_the_run_goes_on_exactly(tmp_path, number):
    faults.finish(tmp_path, "whole", MORE)
    process = faults.start(tmp_path, "killed", MORE)
    faults.wait_for(tmp_path / "killed.log", "step 10 of", process)
    process.send_signal(number)
    assert faults.ended(process, tmp_path / "killed.log") == (130 if number == signal.SIGTERM else -number)
    if number == signal.SIGTERM:
        assert not alive(str(tmp_path))
        assert "stopped after step" in (tmp_path / "killed.log").read_text()
    faults.end_group(process.pid)
    faults.finish(tmp_path, "killed", MORE)
    assert "going on from" in (tmp_path / "killed.log").read_text()
    assert faults.differences(tmp_path / "whole", tmp_path / "killed") == []


ALL_AT_ONCE = ("num_workers=2", "trainer.accumulate_grad_batches=2", "gradient_cache=3")  # beside those of faults


@pytest.mark.slow
def test_signals_to_all_processes_change_nothing_with_workers_accumulation_and_pieces(tmp_path):
    """With code-switching, dropout, a term that has parameters and a queue, too."""
    more = ["max_steps=40", *faults.TWO_RANKS, *ALL_AT_ONCE]
    faults.finish(tmp_path, "whole", more)
    kills = ((signal.SIGINT, 10, 130), (signal.SIGTERM, 20, 130), (signal.SIGKILL, 30, -signal.SIGKILL))
    for number, step, status in kills:
        process = faults.start(tmp_path, "killed", more)
        faults.wait_for(tmp_path / "killed.log", f"step {step} of", process)
        os.killpg(process.pid, number)  # as a terminal does, and a cluster that takes its machine away
        assert faults.ended(process, tmp_path / "killed.log") == status
        said = (tmp_path / "killed.log").read_text()
        assert number == signal.SIGKILL or "stopped after step" in said
        assert "is killed" not in said  # no rank that waits for its workers
        faults.end_group(process.pid)
    assert "going on from" in (tmp_path / "killed.log").read_text()
    faults.finish(tmp_path, "killed", more)
    assert "going on from" in (tmp_path / "killed.log").read_text()
    assert faults.differences(tmp_path / "whole", tmp_path / "killed") == []
