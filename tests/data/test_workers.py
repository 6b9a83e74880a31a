import multiprocessing
import os
import signal

import pytest

from src.data.datamodule import PairDataModule


@pytest.fixture
def module() -> PairDataModule:
    return PairDataModule(None, None, None, max_validation_batches=1, num_workers=1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1])
def test_workers_go_on_after_signals_to_all_processes_from_their_first_moment(module, number):
    batches = iter(module._loader(list(range(20)), range(20)))
    os.kill(batches._workers[0].pid, number)
    assert list(batches) == list(range(20))
    module.teardown("fit")


def test_the_run_itself_still_hears_signals(module):
    heard = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    try:
        next(iter(module._loader(list(range(20)), range(20))))
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
        module.teardown("fit")
    assert heard == [signal.SIGTERM]


def test_no_worker_outlives_an_exception_whichever_loader_it_came_in(module):
    loaders = [module._loader(list(range(20)), range(20)) for _ in range(2)]
    begun = [next(iter(loader)) for loader in loaders]
    assert begun == [0, 0]
    assert len(multiprocessing.active_children()) == 2
    module.on_exception(KeyboardInterrupt())
    assert not multiprocessing.active_children()
