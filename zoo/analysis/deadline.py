"""The end of the time that a command was given."""

from zoo.training.recorder import Clock


class Deadline:
    """A number of seconds from now, by a clock that cannot be set, such as time.monotonic.

    Another process receives the seconds that are left, because its clock may have another start.
    """

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._clock = clock
        self._end = clock() + seconds

    @property
    def is_over(self) -> bool:
        """Whether the time has passed."""
        return self._clock() >= self._end

    def __reduce__(self) -> tuple[type["Deadline"], tuple[float, Clock]]:
        return Deadline, (self._end - self._clock(), self._clock)
