import pytest

from src.preflight.estimate import Span, duration


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0123, "0.012 s"),
        (9.94, "9.9 s"),
        (59, "59 s"),
        (60, "1 min"),
        (61.4, "1 min 1 s"),
        (3599.4, "59 min 59 s"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (86_400 * 3 + 3600 * 4, "3 d 4 h"),
    ],
)
def test_durations_as_people_say_them(seconds, told):
    assert duration(seconds) == told


def test_a_span_holds_nine_in_ten():
    span = Span.of([float(value) for value in range(101)])
    assert (span.low, span.middle, span.high) == (5, 50, 95)
    assert span.times(2).plus(Span(1, 1, 1)) == Span(11, 101, 191)
