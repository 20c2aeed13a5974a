"""The end of the time that a command was given."""

from zoo.analysis.deadline import Deadline

now = 0.0


def clock() -> float:
    return now


def set_clock(seconds: float) -> None:
    globals()["now"] = seconds


def test_deadline() -> None:
    """It is over when the seconds have passed, not before."""
    set_clock(100)
    deadline = Deadline(5, clock)
    readings = []
    for seconds in (100, 104.9, 105, 106):
        set_clock(seconds)
        readings.append(deadline.is_over)
    assert readings == [False, False, True, True]


def test_deadline_in_another_process() -> None:
    """A process whose clock began elsewhere gets the seconds that are left."""
    set_clock(100)
    deadline = Deadline(5, clock)
    set_clock(103)
    create, arguments = deadline.__reduce__()
    set_clock(7000)
    received = create(*arguments)
    set_clock(7001.9)
    assert not received.is_over
    set_clock(7002)
    assert received.is_over
