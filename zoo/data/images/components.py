"""Connected components of a mask."""

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.intp]


def label_components(mask: Mask) -> tuple[Labels, int]:
    """Return the component number of each pixel (0 where the mask is not set), and their count.

    Pixels that touch at a side or a corner are connected. Each pixel points at a pixel with a
    smaller number until all pixels of a component point at its first one.
    """
    pixel_numbers = np.full(mask.shape, -1, np.intp)
    pixel_numbers[mask] = np.arange(np.count_nonzero(mask))
    pairs = [
        (pixel_numbers[:, 1:], pixel_numbers[:, :-1]),
        (pixel_numbers[1:], pixel_numbers[:-1]),
        (pixel_numbers[1:, 1:], pixel_numbers[:-1, :-1]),
        (pixel_numbers[1:, :-1], pixel_numbers[:-1, 1:]),
    ]
    touching = [(a >= 0) & (b >= 0) for a, b in pairs]
    left = np.concatenate([a[both] for (a, _), both in zip(pairs, touching, strict=True)])
    right = np.concatenate([b[both] for (_, b), both in zip(pairs, touching, strict=True)])
    first = np.arange(np.count_nonzero(mask))
    while True:
        a, b = first[left], first[right]
        unequal = a != b
        if not unequal.any():
            break
        left, right = left[unequal], right[unequal]
        a, b = a[unequal], b[unequal]
        np.minimum.at(first, np.maximum(a, b), np.minimum(a, b))
        while True:
            next_first = first[first]
            if np.array_equal(next_first, first):
                break
            first = next_first
    labels = np.zeros(mask.shape, np.intp)
    roots, numbers = np.unique(first, return_inverse=True)
    labels[mask] = numbers + 1
    return labels, len(roots)
