"""Regions: the connected parts of a mask, numbered."""

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.intp]


def regions(mask: Mask) -> tuple[Numbers, int]:
    """Return each pixel's region from 1 on, 0 where nothing is set, and how many there are.

    Pixels that touch with a side or a corner belong together. Every pixel points at one with a
    smaller number until all of a region point at its first.
    """
    names = np.full(mask.shape, -1, np.intp)
    names[mask] = np.arange(np.count_nonzero(mask))
    pairs = [
        (names[:, 1:], names[:, :-1]),
        (names[1:], names[:-1]),
        (names[1:, 1:], names[:-1, :-1]),
        (names[1:, :-1], names[:-1, 1:]),
    ]
    touching = [(one >= 0) & (other >= 0) for one, other in pairs]
    ones = np.concatenate([one[both] for (one, _), both in zip(pairs, touching, strict=True)])
    others = np.concatenate([other[both] for (_, other), both in zip(pairs, touching, strict=True)])
    first = np.arange(np.count_nonzero(mask))
    while True:
        one, other = first[ones], first[others]
        apart = one != other
        if not apart.any():
            break
        ones, others = ones[apart], others[apart]
        one, other = one[apart], other[apart]
        np.minimum.at(first, np.maximum(one, other), np.minimum(one, other))
        while True:
            further = first[first]
            if np.array_equal(further, first):
                break
            first = further
    numbered = np.zeros(mask.shape, np.intp)
    roots, numbers = np.unique(first, return_inverse=True)
    numbered[mask] = numbers + 1
    return numbered, len(roots)
