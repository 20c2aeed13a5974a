"""Dataset files in a zip archive, as Kaggle gives them."""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from zoo.data.kaggle_csv import MAX_BYTES
from zoo.data.npz import ArchiveError, Open, open_zip
from zoo.errors import CorruptFileError, DataError
from zoo.files import temporary_folder

PIECE = 1_000_000  # bytes that are unpacked at a time


@contextmanager
def unpacked(path: Path, names: Sequence[str]) -> Iterator[Path]:
    """Yield a temporary folder with the files of these names in an archive, in any folder of it."""
    try:
        with temporary_folder() as folder, open_zip(path) as members:
            for member, open_member in members.items():
                name = member.rpartition("/")[2]
                if name in names:
                    _unpack(open_member, folder / name)
            yield folder
    except ArchiveError as error:
        raise CorruptFileError(f"{path} was not unpacked: {error}.") from None
    except (  # NotImplementedError: a newer format; RuntimeError: a password
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise CorruptFileError(f"{path} is damaged or is not a zip archive: {error}.") from None
    except OSError as error:
        reason = error.strerror or error
        raise DataError(f"{path} could not be unpacked: {reason}.") from None


def _unpack(open_member: Open, target: Path) -> None:
    size = 0
    with open_member() as packed, target.open("wb") as file:
        while piece := packed.read(PIECE):
            size += len(piece)
            if size > MAX_BYTES:
                raise ArchiveError(f"{target.name} has more than {MAX_BYTES:,} bytes")
            file.write(piece)
