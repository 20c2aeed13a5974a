"""Decompression bombs of a gigabyte."""

from pathlib import Path

from tests.helpers.bombs import peak_memory_of_bomb, png_bomb
from zoo.bundle.app import decode


def test_idx_bomb_of_a_gigabyte(tmp_path: Path) -> None:
    """A bomb of a gigabyte raises an error within 3 MB of memory, like one of 50 MB."""
    assert peak_memory_of_bomb(tmp_path / "bomb.gz", megabytes=1000) < 3_000_000


def test_png_bomb_of_200_megabytes() -> None:
    """Of 200 MB, a bundle unpacks only the four pixels that the header declares."""
    assert decode.decode(png_bomb(200), where="x").grey == [[0.0, 0.0], [0.0, 0.0]]
