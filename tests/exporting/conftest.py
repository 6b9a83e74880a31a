import pytest
import torch

from tests.encoder import checkpoints

pytest.importorskip(
    "sentence_transformers", reason="an export is checked with sentence-transformers (pip install -e '.[export]')"
)


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def bert(tmp_path_factory):
    torch.manual_seed(0)
    return checkpoints.write_bert(tmp_path_factory.mktemp("bert"), positions=128)


@pytest.fixture(scope="session")
def xlmr(tmp_path_factory):
    torch.manual_seed(0)
    return checkpoints.write_xlmr(tmp_path_factory.mktemp("xlmr"))
