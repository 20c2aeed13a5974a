"""Folders of noise images, which are all different."""

from pathlib import Path

import numpy as np


def write_noise(folder: Path) -> int:
    """Write 80 PNGs, one of them unreadable, and an array of 70; return the number of images."""
    from PIL import Image

    noise = np.random.default_rng(4).integers(0, 256, (150, 28, 28), np.uint8)
    folder.mkdir()
    for number in range(80):
        Image.fromarray(noise[number]).save(folder / f"{number:03}.png")
    (folder / "005.png").write_bytes(b"")
    np.save(folder / "079x.npy", noise[80:])
    return 149
