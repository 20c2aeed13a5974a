"""MNIST, out of its four IDX files."""

from collections.abc import Sequence
from pathlib import Path

from zoo.config.dataset_info import SOURCES
from zoo.data.dataset import Bytes, Dataset, LabeledImages, combined_digest
from zoo.data.idx import read_idx
from zoo.data.locations import DataLocations, Progress, silent
from zoo.data.pins import MNIST, PinnedFile
from zoo.data.verified_files import WrongContentError, check_file, check_hash
from zoo.errors import CorruptFileError, DataError

REPLACE = "Replace or remove that file; `zoo data fetch mnist` puts a good copy into the cache."

Four = tuple[PinnedFile, PinnedFile, PinnedFile, PinnedFile]


class MnistMissingError(DataError):
    """MNIST is neither here nor to be had."""

    def __init__(self, names: Sequence[str], places: DataLocations, answers: Sequence[str]) -> None:
        folders = " and ".join(f"{root} and {root / 'mnist'}" for root in places.roots)
        super().__init__(
            f"MNIST is missing: {', '.join(names)} (plain or .gz) were looked for in {folders}; "
            f"{'; '.join(answers)}."
        )
        self.hint = (
            "`zoo data fetch mnist` downloads it, `zoo data import DIR` copies it from a folder; "
            "ZOO_DATA=DIR or --data DIR reads a folder as it is."
        )


def load_mnist(
    places: DataLocations, progress: Progress = silent, *, files: Four = MNIST
) -> Dataset:
    """Return the 60,000 and 10,000 digits of 28 x 28 pixels, downloaded where they are missing."""
    paths = _located(places, progress, files)
    known = SOURCES["mnist"]
    try:
        images, labels, test_images, test_labels = (
            read_idx(path, dimensions=3 if "images" in pinned.name else 1)
            for path, pinned in zip(paths, files, strict=True)
        )
        train = _pool(images[0], labels[0], paths[:2])
        test = _pool(test_images[0], test_labels[0], paths[2:])
    except CorruptFileError as error:
        error.hint = REPLACE
        raise
    # What is sound but other than MNIST, Fashion-MNIST for one, is told by its hash alone.
    hashes = (images[1], labels[1], test_images[1], test_labels[1])
    for path, sha256, pinned in zip(paths, hashes, files, strict=True):
        try:
            check_hash(sha256, pinned)
        except WrongContentError as wrong:
            raise DataError(f"{path} holds {wrong}.", hint=REPLACE) from wrong
    return Dataset(
        name=known.name,
        shape=known.shape,
        classes=known.classes,
        train=train,
        test=test,
        source=f"MNIST in {' and '.join(dict.fromkeys(str(path.parent) for path in paths))}",
        digest=combined_digest(hashes),
    )


def fetch_mnist(
    places: DataLocations, progress: Progress = silent, *, files: Four = MNIST
) -> Sequence[Path]:
    """Return the four files in the cache, downloaded where they are missing there or damaged."""
    missing = []
    for pinned in files:
        try:
            check_file(cached(pinned, places), pinned)
        except (DataError, CorruptFileError):
            missing.append(pinned)
    _download(missing, places, progress)
    return [cached(pinned, places) for pinned in files]


def cached(pinned: PinnedFile, places: DataLocations) -> Path:
    """Return where the cache keeps a file: unpacked, so that it is read fast."""
    return places.cache / "mnist" / pinned.name


def _located(places: DataLocations, progress: Progress, files: Four) -> list[Path]:
    found = {pinned: next(places.mnist(pinned.name), None) for pinned in files}
    _download([pinned for pinned, path in found.items() if path is None], places, progress)
    return [path or cached(pinned, places) for pinned, path in found.items()]


def _download(missing: Sequence[PinnedFile], places: DataLocations, progress: Progress) -> None:
    """Download the missing files into the cache, or say what is missing and why."""
    if not missing:
        return
    names = [pinned.name for pinned in missing]
    if places.user_path is not None:
        raise MnistMissingError(names, places, ["a place given by --data is searched alone"])
    if places.offline:
        raise MnistMissingError(names, places, ["no mirror was asked, because zoo is offline"])
    # urllib takes longer to import than the files take to read.
    from zoo.data.download import AllMirrorsFailedError, download

    for pinned in missing:
        try:
            download(pinned, cached(pinned, places), places.mirrors, progress)
        except AllMirrorsFailedError as failure:
            raise MnistMissingError(
                names[names.index(pinned.name) :], places, failure.answers
            ) from None


def _pool(images: Bytes, labels: Bytes, paths: Sequence[Path]) -> LabeledImages:
    """Return the pictures in rows with their labels, if both fit each other."""
    shape = SOURCES["mnist"].shape
    if images.shape[1:] != shape:
        raise CorruptFileError(
            f"{paths[0]} holds pictures of {images.shape[1:]} pixels, not {shape}."
        )
    if len(images) != len(labels):
        raise CorruptFileError(
            f"{paths[0]} holds {len(images):,} pictures and {paths[1]} {len(labels):,} labels."
        )
    if labels.max(initial=0) >= SOURCES["mnist"].classes:
        raise CorruptFileError(f"{paths[1]} holds the label {labels.max()}; the highest is 9.")
    return LabeledImages(images.reshape(len(images), -1), labels)
