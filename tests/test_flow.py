"""How much the pictures may send, with a clock that is moved by hand."""

from collections import deque

import pytest

from helpers.explorers.flow import BURST, RATE, Flow

SERVER_RATE, SERVER_WINDOW = 1_000_000, 3
"""What jupyter_server lets through: bytes a second, on average over so many seconds."""


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.time = 100.0

    def now(self):
        return self.time

    def sleep(self, seconds):
        assert seconds > 0
        self.time += seconds


@pytest.fixture
def clock():
    return Clock()


def flow(clock, **arguments):
    return Flow(now=clock.now, sleep=clock.sleep, **arguments)


def test_a_few_pictures_pass_at_once(clock):
    few = flow(clock)
    for _ in range(BURST // 100_000):
        few.send(100_000)
    assert clock.time == 100


def test_many_pictures_wait_as_long_as_the_rate_says(clock):
    many = flow(clock, rate=1000, burst=500)
    for _ in range(10):
        many.send(250)
    assert clock.time == pytest.approx(100 + (10 * 250 - 500) / 1000)


def test_room_comes_back_up_to_a_burst(clock):
    filled = flow(clock, rate=1000, burst=500)
    filled.send(500)
    assert not filled.has_room()
    clock.time += 0.25
    assert filled.has_room()
    clock.time += 1000
    filled.send(500)
    assert not filled.has_room()


@pytest.mark.parametrize("size", [20_000, 45_000, 100_000, 250_000])
@pytest.mark.parametrize("drawing", [0.0, 0.02, 0.1])
def test_what_passes_is_never_more_than_a_server_bears(clock, size, drawing):
    sent, steady = deque(), flow(clock)
    for _ in range(400):
        clock.time += drawing
        steady.send(size)
        sent.append((clock.time, size))
        recent = sum(n for at, n in sent if at > clock.time - SERVER_WINDOW)
        assert recent <= SERVER_RATE * SERVER_WINDOW * 0.95, "words and states need a little too"


def test_the_rate_is_kept_for_long(clock):
    long = flow(clock)
    for _ in range(1000):
        long.send(100_000)
    assert 100_000_000 / (clock.time - 100) == pytest.approx(RATE, rel=0.02)
