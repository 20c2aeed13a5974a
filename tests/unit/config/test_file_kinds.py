"""The kind of the data in a file, by its name."""

import pytest

from zoo.config.file_kinds import file_kind, without_ending


@pytest.mark.parametrize(
    ("name", "kind", "stem"),
    [
        ("Iris.CSV", "csv", "Iris"),
        ("iris.csv.gz", "csv", "iris"),
        ("iris.v2.parquet", "csv", "iris.v2"),
        ("digits.npz", "npz", "digits"),
        ("train-images-idx3-ubyte.gz", "idx", "train-images"),
        ("train-images.idx3-ubyte", "idx", "train-images"),
        ("labels.idx", "idx", "labels"),
        ("my-net.toml", "", "my-net.toml"),
        ("csv", "", "csv"),
    ],
)
def test_file_kinds(name: str, kind: str, stem: str) -> None:
    """Endings are read in upper and lower case; a name without one is kept."""
    assert (file_kind(name), without_ending(name)) == (kind, stem)
