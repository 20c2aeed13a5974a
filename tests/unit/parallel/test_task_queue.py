"""The order of tasks whose workers die."""

from zoo.parallel.task_queue import TaskQueue


def started(queue: TaskQueue, capacity: int) -> list[int]:
    """Start all tasks that can be started."""
    indices = []
    while (index := queue.start_next(capacity)) is not None:
        indices.append(index)
    return indices


def test_task_queue_capacity() -> None:
    """No more tasks run than the capacity allows, in the order of their numbers."""
    queue = TaskQueue(5)
    assert started(queue, 2) == [0, 1]
    queue.finish(1)
    assert started(queue, 2) == [2]
    assert queue.running == {0, 2}
    assert started(queue, 10) == [3, 4]


def test_task_queue_repeat() -> None:
    """A repeated task comes after those that wait, so that all get a turn."""
    queue = TaskQueue(3)
    assert started(queue, 1) == [0]
    queue.repeat(0)
    assert started(queue, 3) == [1, 2, 0]


def test_task_queue_lone_task() -> None:
    """After two deaths a task runs after all others, alone, and the third death is its failure."""
    queue = TaskQueue(3)
    assert started(queue, 3) == [0, 1, 2]
    assert queue.repeat_after_death(1)
    assert started(queue, 3) == [1]
    assert queue.repeat_after_death(1)
    assert started(queue, 3) == []
    queue.finish(0)
    assert started(queue, 3) == []
    queue.finish(2)
    assert started(queue, 3) == [1]
    assert not queue.repeat_after_death(1)
    queue.finish(1)
    assert started(queue, 3) == []
    assert not queue.running


def test_task_queue_two_lone_tasks() -> None:
    """Two tasks with two deaths each run one after the other."""
    queue = TaskQueue(2)
    for _ in range(2):
        assert started(queue, 2) == [0, 1]
        for index in (0, 1):
            assert queue.repeat_after_death(index)
    assert started(queue, 2) == [0]
    queue.finish(0)
    assert started(queue, 2) == [1]
