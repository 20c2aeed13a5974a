"""Large pictures averaged down over squares of pixels, with the rounding that Pillow has."""

from __future__ import annotations

from array import array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .resize import Grid


def reduce(rows: Sequence[bytes], factor: int) -> list[bytes]:
    """Return grey bytes averaged over squares of so many pixels; at the edges they are smaller."""
    made = []
    for top in range(0, len(rows), factor):
        strip = rows[top : top + factor]
        sums = [sum(column) for column in zip(*strip)]
        line = bytearray()
        for left in range(0, len(sums), factor):
            part = sums[left : left + factor]
            count = len(strip) * len(part)
            line.append((sum(part) + count // 2) * _reciprocal(count) >> 24)
        made.append(bytes(line))
    return made


def reduce_both(
    grey: Sequence[bytes], alpha: Sequence[bytes], factor: int
) -> tuple[list[bytes], list[bytes]]:
    """Return grey and transparency averaged down: what is hardly seen hardly counts."""
    weighed = [bytes(map(_weighed, *lines)) for lines in zip(grey, alpha)]
    small, clear = reduce(weighed, factor), reduce(alpha, factor)
    return [bytes(map(_whole, *lines)) for lines in zip(small, clear)], clear


def _weighed(grey: int, alpha: int) -> int:
    product = grey * alpha + 128
    return (product >> 8) + product >> 8


def _whole(weighed: int, alpha: int) -> int:
    return min(255 * weighed // alpha, 255) if 0 < alpha < 255 else weighed


def _reciprocal(count: int) -> int:
    """Return 2^24 / count as Pillow has it, in float32."""
    return int(array("f", (2**32 / (256 * count),))[0])


def reduce_wide(rows: Grid, factor: int) -> Grid:
    """Return the same of numbers that fit no byte."""
    made = []
    for top in range(0, len(rows), factor):
        strip = rows[top : top + factor]
        sums = [sum(column) for column in zip(*strip)]
        line = []
        for left in range(0, len(sums), factor):
            part = sums[left : left + factor]
            line.append(sum(part) * (1.0 / (len(strip) * len(part))))
        made.append(array("f", line).tolist())
    return made


def blocks(grid: Grid, factor: int) -> Grid:
    """Return the means of whole squares; what is left over at the edges is left out."""
    down, right = min(factor, len(grid)), min(factor, len(grid[0]))
    made = []
    for top in range(0, len(grid) - down + 1, down):
        sums = [sum(column) for column in zip(*grid[top : top + down])]
        starts = range(0, len(sums) - right + 1, right)
        made.append(
            array("f", [sum(sums[at : at + right]) / (down * right) for at in starts]).tolist()
        )
    return made
