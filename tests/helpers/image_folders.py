"""Folders of digit images, some of which are unreadable."""

import os
from pathlib import Path

import numpy as np

from zoo.data.dataset import Bytes


def digit_rows(count: int) -> Bytes:
    """Return the first of scikit-learn's digits, (count, 64), with values from 0 to 16."""
    from zoo.data.digits import load_digits

    return load_digits().train.images[:count]


def write_digit(path: Path, number: int = 0) -> Path:
    """Write a digit as an image of 8 x 8 pixels with values from 0 to 16."""
    from PIL import Image

    Image.fromarray(digit_rows(number + 1)[number].reshape(8, 8)).save(path)
    return path


def write_mixed(folder: Path, count: int = 300) -> Path:
    """Write digits as images, unreadable files among them, and two arrays."""
    from PIL import Image

    folder.mkdir()
    rows = digit_rows(count)
    for number in range(count):
        Image.fromarray(rows[number].reshape(8, 8)).save(folder / f"{number:03}.png")
    (folder / "007.png").write_bytes(b"")
    (folder / "150x.png").write_bytes(b"PK\x03\x04 a zip")
    np.save(folder / "100.npy", rows[:130].reshape(-1, 8, 8))
    np.savez(folder / "200.npz", one=rows[:5], labels=np.arange(5), two=rows[5:9])
    (folder / "250.npy").write_bytes(b"no array")
    (folder / "lost.png").symlink_to(folder / "nowhere")
    return folder


def write_links(folder: Path, count: int) -> Path:
    """Write this number of digit images: links to 50 files of 40 x 40 pixels."""
    from PIL import Image

    originals = folder.with_name("drawn")
    folder.mkdir()
    originals.mkdir()
    for number, row in enumerate(digit_rows(50)):
        image = Image.fromarray((row.reshape(8, 8) * 15).astype(np.uint8))
        image.resize((40, 40)).save(originals / f"{number}.png")
    for number in range(count):
        os.link(originals / f"{number % 50}.png", folder / f"{number:04}.png")
    return folder
