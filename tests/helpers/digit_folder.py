"""Folders of images for `zoo predict`, which it cuts into chunks."""

from pathlib import Path

import numpy as np

from zoo.data.digits import load_digits

UNREADABLE = 4  # files of a digit folder


def write_digit_folder(folder: Path, files: int = 80) -> None:
    """Write PNGs of digits, an array of more than 64 and one of two, and unreadable files."""
    from PIL import Image

    digits = load_digits().train.images
    folder.mkdir()
    for number in range(files):
        Image.fromarray(digits[number].reshape(8, 8)).save(folder / f"{number:03}.png")
    (folder / "007.png").write_bytes(b"")
    (folder / "050x.png").write_bytes(b"PK\x03\x04 a zip")
    np.save(folder / "070.npy", digits[:70].reshape(-1, 8, 8))
    np.savez(folder / "073.npz", one=digits[:5], labels=np.arange(5), two=digits[5:9])
    (folder / "075.npy").write_bytes(b"no array")
    (folder / "lost.png").symlink_to(folder / "nowhere")


def write_noise_folder(folder: Path) -> int:
    """Write noise: 80 PNGs, one of them unreadable, and an array of 70; return how many images."""
    from PIL import Image

    noise = np.random.default_rng(4).integers(0, 256, (150, 28, 28), np.uint8)
    folder.mkdir()
    for number in range(80):
        Image.fromarray(noise[number]).save(folder / f"{number:03}.png")
    (folder / "005.png").write_bytes(b"")
    np.save(folder / "079x.npy", noise[80:])
    return 149
