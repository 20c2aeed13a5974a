"""The order of tasks; a task whose worker died is repeated, at last as the only task."""

from collections import Counter, deque

MAX_WORKER_DEATHS = 2  # deaths during a task before the task is repeated alone


class TaskQueue:
    """The numbers of the tasks that wait, and of those that run."""

    def __init__(self, count: int) -> None:
        self._waiting = deque(range(count))
        self._lone_tasks = deque[int]()
        self._deaths = Counter[int]()
        self.running: set[int] = set()

    def start_next(self, capacity: int) -> int | None:
        """Return the next task; None if no task waits, or `capacity` tasks are running."""
        if self._waiting and len(self.running) < capacity:
            index = self._waiting.popleft()
        elif self._lone_tasks and not self.running:
            index = self._lone_tasks.popleft()
        else:
            return None
        self.running.add(index)
        return index

    def finish(self, index: int) -> None:
        """Remove a running task."""
        self.running.remove(index)

    def repeat(self, index: int) -> None:
        """Let a running task wait again."""
        self.finish(index)
        self._waiting.append(index)

    def repeat_after_death(self, index: int) -> bool:
        """Let a task wait again after its worker died; return False if it was the only task."""
        self._deaths[index] += 1
        if self._deaths[index] > MAX_WORKER_DEATHS:
            return False
        self.finish(index)
        again = self._waiting if self._deaths[index] < MAX_WORKER_DEATHS else self._lone_tasks
        again.append(index)
        return True
