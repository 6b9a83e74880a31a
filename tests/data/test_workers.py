import multiprocessing
import os
import signal

import pytest

from src.data.datamodule import PairDataModule


@pytest.fixture
def module() -> PairDataModule:
    return PairDataModule(None, None, None, max_validation_batches=1, num_workers=1)


def test_workers_go_on_after_signals_to_all_processes(module):
    batches = iter(module._loader(list(range(20)), range(20)))
    seen = [next(batches)]
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(batches._workers[0].pid, number)
    assert [*seen, *batches] == list(range(20))
    module.teardown("fit")


def test_no_worker_outlives_an_exception_whichever_loader_it_came_in(module):
    loaders = [module._loader(list(range(20)), range(20)) for _ in range(2)]
    begun = [next(iter(loader)) for loader in loaders]
    assert begun == [0, 0]
    assert len(multiprocessing.active_children()) == 2
    module.on_exception(KeyboardInterrupt())
    assert not multiprocessing.active_children()
