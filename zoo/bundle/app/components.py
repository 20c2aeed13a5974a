"""Connected components of a mask, numbered in the order of their first pixels, row by row."""

from __future__ import annotations


def regions(mask: list[list[bool]]) -> tuple[list[list[int]], int]:
    """Return the region of each pixel, numbered from 1 (0: not set), and the number of regions.

    Pixels are neighbours if they share a side or a corner.
    """
    height, width = len(mask), len(mask[0])
    stride = width + 2  # a margin that is not set makes bounds checks unnecessary
    waiting = bytearray(stride * (height + 2))
    for y, row in enumerate(mask, 1):
        waiting[y * stride + 1 : y * stride + 1 + width] = bytes(row)
    numbers = [0] * len(waiting)
    steps = (-stride - 1, -stride, -stride + 1, -1, 1, stride - 1, stride, stride + 1)
    count = 0
    first = waiting.find(1)
    while first >= 0:
        count += 1
        waiting[first] = 0
        queue = [first]
        for position in queue:  # the loop appends to it
            numbers[position] = count
            for step in steps:
                if waiting[position + step]:
                    waiting[position + step] = 0
                    queue.append(position + step)
        first = waiting.find(1, first)
    lines = [numbers[y * stride + 1 : y * stride + 1 + width] for y in range(1, height + 1)]
    return lines, count
