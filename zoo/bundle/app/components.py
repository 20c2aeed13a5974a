"""Regions: the connected parts of a mask, numbered by their first pixels, row by row."""

from __future__ import annotations


def regions(mask: list[list[bool]]) -> tuple[list[list[int]], int]:
    """Return each pixel's region from 1 on, 0 where nothing is set, and how many there are.

    Pixels that touch with a side or a corner belong together.
    """
    height, width = len(mask), len(mask[0])
    wide = width + 2  # with a margin, in which nothing is set
    waiting = bytearray(wide * (height + 2))
    for down, row in enumerate(mask, 1):
        waiting[down * wide + 1 : down * wide + 1 + width] = bytes(row)
    numbers = [0] * len(waiting)
    steps = (-wide - 1, -wide, -wide + 1, -1, 1, wide - 1, wide, wide + 1)
    count = 0
    first = waiting.find(1)
    while first >= 0:
        count += 1
        waiting[first] = 0
        found = [first]
        for place in found:  # it grows on the way
            numbers[place] = count
            for step in steps:
                if waiting[place + step]:
                    waiting[place + step] = 0
                    found.append(place + step)
        first = waiting.find(1, first)
    lines = [numbers[down * wide + 1 : down * wide + 1 + width] for down in range(1, height + 1)]
    return lines, count
