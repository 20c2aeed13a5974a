"""Downscaling of large images by block means, rounded as Pillow rounds."""

from __future__ import annotations

from array import array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .resize import Grid


def reduce(rows: Sequence[bytes], factor: int) -> list[bytes]:
    """Return the means of factor x factor blocks; blocks at the edges are smaller."""
    lines = []
    for top in range(0, len(rows), factor):
        strip = rows[top : top + factor]
        sums = [sum(column) for column in zip(*strip)]
        line = bytearray()
        for left in range(0, len(sums), factor):
            block = sums[left : left + factor]
            count = len(strip) * len(block)
            line.append((sum(block) + count // 2) * _reciprocal(count) >> 24)
        lines.append(bytes(line))
    return lines


def reduce_with_alpha(
    grey: Sequence[bytes], alpha: Sequence[bytes], factor: int
) -> tuple[list[bytes], list[bytes]]:
    """Return the block means of grey, weighted by alpha, and those of alpha."""
    premultiplied = [bytes(map(_premultiply, *lines)) for lines in zip(grey, alpha)]
    small, small_alpha = reduce(premultiplied, factor), reduce(alpha, factor)
    return [bytes(map(_unpremultiply, *lines)) for lines in zip(small, small_alpha)], small_alpha


def _premultiply(grey: int, alpha: int) -> int:
    product = grey * alpha + 128
    return (product >> 8) + product >> 8


def _unpremultiply(product: int, alpha: int) -> int:
    return min(255 * product // alpha, 255) if 0 < alpha < 255 else product


def _reciprocal(count: int) -> int:
    """Return 2^24 / count in float32, as Pillow computes it."""
    return int(array("f", (2**32 / (256 * count),))[0])


def reduce_wide(rows: Grid, factor: int) -> Grid:
    """Return the means of factor x factor blocks of 16-bit values."""
    lines = []
    for top in range(0, len(rows), factor):
        strip = rows[top : top + factor]
        sums = [sum(column) for column in zip(*strip)]
        line = []
        for left in range(0, len(sums), factor):
            block = sums[left : left + factor]
            line.append(sum(block) * (1.0 / (len(strip) * len(block))))
        lines.append(array("f", line).tolist())
    return lines


def block_means(grid: Grid, factor: int) -> Grid:
    """Return the means of complete factor x factor blocks; incomplete ones at the edges are cut."""
    down, right = min(factor, len(grid)), min(factor, len(grid[0]))
    lines = []
    for top in range(0, len(grid) - down + 1, down):
        sums = [sum(column) for column in zip(*grid[top : top + down])]
        starts = range(0, len(sums) - right + 1, right)
        lines.append(
            array(
                "f", [sum(sums[start : start + right]) / (down * right) for start in starts]
            ).tolist()
        )
    return lines
