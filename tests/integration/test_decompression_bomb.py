"""Decompression bombs of a gigabyte."""

from pathlib import Path

from tests.helpers.bombs import peak_of_a_bomb, png_bomb
from zoo.bundle.app import decode


def test_idx_bomb_of_a_gigabyte(tmp_path: Path) -> None:
    """A gigabyte is refused within the 3 MB that one of 50 MB takes."""
    assert peak_of_a_bomb(tmp_path / "bomb.gz", megabytes=1000) < 3_000_000


def test_png_bomb_of_200_megabytes() -> None:
    """Of 200 MB a bundle unpacks the four pixels that the header promises."""
    assert decode.decode(png_bomb(200), where="x").grey == [[0.0, 0.0], [0.0, 0.0]]
