"""Two ranks, of which one is asked to stop: both end after the same step, and go on exactly."""

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
