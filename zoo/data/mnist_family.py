"""Fashion-MNIST and other sets in MNIST's form, read from their published archives."""

import zipfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from zoo.config.dataset_info import SOURCES, Source
from zoo.data.archives import SETS, Archive, ArchivedSet
from zoo.data.dataset import Bytes, Dataset, LabeledRows, dataset_from_arrays
from zoo.data.idx import parse_idx
from zoo.data.locations import DataLocations, Progress, silent
from zoo.data.npz import ArchiveError, open_zip
from zoo.data.verified_files import check_archive, gunzip, read_chunks
from zoo.errors import CorruptFileError, DataError

MAX_VALUES = 200_000_000  # EMNIST's digits have 188 million
CHUNK = 1 << 18
INTEGERS = b"\x00\x00\x0c\x02"  # how an IDX file of integers in rows begins


def load_archived(name: str, locations: DataLocations, progress: Progress = silent) -> Dataset:
    """Return a set; missing archives are downloaded."""
    one, source = SETS[name], SOURCES[name]
    paths = {archive.name: _located(one, archive, locations, progress) for archive in one.archives}
    for archive in one.archives:
        check_archive(paths[archive.name], archive)
    train, test = (
        _pool(one, source, paths, members) for members in (one.members[:2], one.members[2:])
    )
    where = f"{source.title} in {next(iter(paths.values())).parent}"
    return dataset_from_arrays(source, *train, test, where=where)


def fetch_archived(
    name: str, locations: DataLocations, progress: Progress = silent
) -> Sequence[Path]:
    """Return the archives of a set in the cache; missing or damaged ones are downloaded."""
    one, paths = SETS[name], []
    for archive in one.archives:
        path = cached(one, archive, locations)
        try:
            check_archive(path, archive)
        except (DataError, CorruptFileError):
            _download(one, archive, locations, progress)
        paths.append(path)
    return paths


def mirrors(one: ArchivedSet, locations: DataLocations) -> tuple[str, ...]:
    """Return where a set is downloaded: in the folder of its name on mirrors of the user's."""
    own = tuple(f"{mirror.rstrip('/')}/{one.folder}" for mirror in locations.own_mirrors)
    return own or one.mirrors


def cached(one: ArchivedSet, archive: Archive, locations: DataLocations) -> Path:
    """Return the path of an archive in the cache."""
    return locations.cache / one.folder / archive.name


def _located(
    one: ArchivedSet, archive: Archive, locations: DataLocations, progress: Progress
) -> Path:
    """Return the path of an archive, which is downloaded if it is missing."""
    found = next(locations.archive(one.folder, archive.name), None)
    if found:
        return found
    if locations.user_path is not None:
        raise _missing(one, archive, "with --data, no other folder is searched")
    _download(one, archive, locations, progress)
    return cached(one, archive, locations)


def _download(
    one: ArchivedSet, archive: Archive, locations: DataLocations, progress: Progress
) -> None:
    """Download an archive into the cache."""
    if locations.offline:
        raise _missing(one, archive, "zoo is offline, so no mirror was tried") from None
    # urllib takes longer to import than the archives take to read.
    from zoo.data.download import download_archive

    path = cached(one, archive, locations)
    download_archive(archive, path, mirrors(one, locations), progress)


def _missing(one: ArchivedSet, archive: Archive, reason: str) -> DataError:
    return DataError(
        f"{SOURCES[one.name].title} is missing: {archive.name} was not found; {reason}.",
        hint=f"Download it with `zoo data fetch {one.name}`, or use a folder that has it: "
        "ZOO_DATA=DIR or --data DIR.",
    )


def _pool(
    one: ArchivedSet, source: Source, paths: dict[str, Path], members: Sequence[str]
) -> LabeledRows:
    """Return the images (n, 784) and labels of the training or of the test set."""
    images_name, labels_name = members
    images: Bytes = _read(images_name, paths, dimensions=3)
    labels = _labels(labels_name, paths).astype(np.intp) - one.first_label
    count = source.train if "train" in images_name else source.test
    if images.shape != (count, *source.shape) or labels.shape != (count,):
        raise CorruptFileError(
            f"{source.title}: expected {count:,} images of 28 x 28 and as many labels, got "
            f"{images.shape} and {labels.shape}."
        )
    if labels.min() < 0 or labels.max() >= source.classes:
        raise CorruptFileError(f"{source.title} has the label {labels.max() + one.first_label}.")
    if one.is_transposed:
        images = images.transpose(0, 2, 1)
    return LabeledRows(images.reshape(count, -1), labels)


def _labels(name: str, paths: dict[str, Path]) -> npt.NDArray[np.integer[Any]]:
    """Return labels: bytes, or the first of several integers in a row, as in QMNIST."""
    if "idx2-int" not in name:
        return _read(name, paths, dimensions=1)
    content = b"".join(read_chunks(paths[name]))
    if not content.startswith(INTEGERS) or (len(content) - 12) % 32:
        raise CorruptFileError(f"{paths[name]} is not an IDX file of integers in rows of eight.")
    return np.frombuffer(content, ">i4", offset=12).reshape(-1, 8)[:, 0]


def _read(name: str, paths: dict[str, Path], *, dimensions: int) -> Bytes:
    """Return the array in an archive, or in a file of the only archive, a zip."""
    if name in paths:
        content = read_chunks(paths[name])
        return parse_idx(content, paths[name], dimensions=dimensions, max_bytes=MAX_VALUES)[0]
    (path,) = paths.values()
    try:
        with open_zip(path) as members:
            if name not in members:
                raise CorruptFileError(f"{path} has no file named {name}.")
            with members[name]() as file:
                content = gunzip(iter(partial(file.read, CHUNK), b""))
                return parse_idx(content, path, dimensions=dimensions, max_bytes=MAX_VALUES)[0]
    except (ArchiveError, zipfile.BadZipFile, EOFError) as error:
        raise CorruptFileError(f"{path} is damaged: {error}.") from None
