"""Who may take a signal, and what is done with the job that it ends."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from src.training import signals
from src.training.signals import Stopped, is_free, preemption, requeue, stopping


@pytest.fixture
def requeued(monkeypatch):
    """In a job of Slurm: what scontrol is told."""
    told = []
    monkeypatch.setenv("SLURM_JOB_ID", "12")
    monkeypatch.setattr(signals.subprocess, "run", lambda words, check: told.append(words))
    return told


def test_only_the_main_thread_takes_a_signal():
    assert is_free(signal.SIGTERM)
    with ThreadPoolExecutor(1) as pool:
        assert not pool.submit(is_free, signal.SIGTERM).result()


def test_a_job_of_an_array_is_requeued_by_its_own_number(requeued, monkeypatch):
    requeue()
    monkeypatch.setenv("SLURM_ARRAY_JOB_ID", "10")
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "3")
    requeue()
    assert requeued == [["scontrol", "requeue", "12"], ["scontrol", "requeue", "10_3"]]


def test_within_the_training_a_preempted_job_is_requeued_and_not_ended_there(requeued):
    with stopping():
        (act,) = preemption().values()
    act(signal.SIGUSR1, None)
    assert requeued == [["scontrol", "requeue", "12"]]


def close_slowly() -> None:
    """Ended by a signal, and then told again by a scheduler, and by a person."""
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    except Stopped:
        for number in (signal.SIGTERM, signal.SIGINT):
            os.kill(os.getpid(), number)


def test_a_second_sigterm_does_not_cut_the_closing_short_and_a_person_can():
    with pytest.raises(KeyboardInterrupt), stopping():
        close_slowly()
