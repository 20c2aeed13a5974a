"""The sizes, times and numbers of files, by which a change is noticed."""

import hashlib
from pathlib import Path

from zoo.data.own.image_folder import image_files
from zoo.files import not_read
from zoo.system.files import file_id


def file_stamp(path: Path) -> bytes:
    """Return a digest of what the system knows of a file, or of all files in a folder."""
    digest = hashlib.sha256(_stamp(path))
    if path.is_dir():
        for file in image_files(path):
            digest.update(str(file).encode(errors="surrogateescape") + _stamp(file))
    return digest.digest()


def _stamp(path: Path) -> bytes:
    try:
        status, number = path.stat(), file_id(path)
    except OSError as error:
        raise not_read(path, error) from None
    return repr((status.st_size, status.st_mtime_ns, status.st_ctime_ns, number)).encode()
