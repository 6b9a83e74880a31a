import logging

from src.evaluation.progress import LoggedProgress


def test_it_says_how_far_it_is(caplog):
    report = LoggedProgress("toy queries", 12_000, seconds=0)
    with caplog.at_level(logging.INFO):
        report(500)
        report(1500)
    assert caplog.messages == [
        "toy queries: 500 of 12,000 texts encoded",
        "toy queries: 2,000 of 12,000 texts encoded",
    ]


def test_it_says_nothing_for_what_is_soon_done(caplog):
    report = LoggedProgress("toy queries", 100)
    with caplog.at_level(logging.INFO):
        report(100)
    assert not caplog.messages
