"""Images to begin with: ten drawn digits, and a photo of a page with one.

They are drawn by `zoo.models.samples`, and have zoo's licence.
"""

import os
from pathlib import Path

from zoo.errors import ConfigError
from zoo.files import read_bounded, write_atomically

FILES = Path(__file__).with_name("sample_files")
MAX_BYTES = 10_000_000
FOLDER = Path("samples")  # where they are written by default


def write_samples(folder: Path, *, copy: bool = True) -> list[Path]:
    """Copy the images into a folder; return their paths. Raise if one would replace a file."""
    contents = {folder / file.name: file.read_bytes() for file in sorted(FILES.iterdir())}
    existing = {path for path in contents if os.path.lexists(path)}
    for path in sorted(existing):
        if not path.is_file() or read_bounded(path, MAX_BYTES) != contents[path]:
            raise ConfigError(
                f"{path} already exists and is not the sample; nothing was written.",
                hint="Choose another folder: `zoo data sample DIR`.",
            )
    if copy:
        for path in contents.keys() - existing:
            write_atomically(path, contents[path])
    return list(contents)
