"""MNIST: its four IDX files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from zoo.config.dataset_info import SOURCES
from zoo.data.dataset import Bytes, Dataset, LabeledImages, combined_digest
from zoo.data.idx import read_idx
from zoo.data.locations import DataLocations, Progress, silent
from zoo.data.pins import MNIST, PinnedFile
from zoo.data.verified_files import WrongContentError, check_file, check_hash
from zoo.errors import CorruptFileError, DataError

REPLACE = "Remove that file, and run `zoo data fetch mnist` to download a valid copy."

Four = tuple[PinnedFile, PinnedFile, PinnedFile, PinnedFile]


class MnistMissingError(DataError):
    """MNIST is not on this machine and could not be downloaded."""

    def __init__(
        self, names: Sequence[str], locations: DataLocations, answers: Sequence[str]
    ) -> None:
        self.names, self.answers = names, answers
        folders = " and ".join(f"{root} and {root / 'mnist'}" for root in locations.roots)
        super().__init__(
            f"MNIST is missing: {', '.join(names)} (plain or .gz) not found in {folders}; "
            f"{'; '.join(answers)}."
        )
        folder = "or use a folder directly with ZOO_DATA=DIR or --data DIR."
        self.hint = f"{_download_hint(locations)}, {folder}"
        if locations.user_path is not None:
            self.hint = "Give --data a folder with these files, or leave it out to download them."


def load_mnist(
    locations: DataLocations, progress: Progress = silent, *, files: Four = MNIST
) -> Dataset:
    """Return MNIST, (60000, 784) and (10000, 784) uint8; missing files are downloaded."""
    paths = _located(locations, progress, files)
    info = SOURCES["mnist"]
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
    # Valid files that are not MNIST, such as Fashion-MNIST, are recognized only by their hash.
    hashes = (images[1], labels[1], test_images[1], test_labels[1])
    for path, sha256, pinned in zip(paths, hashes, files, strict=True):
        try:
            check_hash(sha256, pinned)
        except WrongContentError as wrong:
            raise DataError(f"{path} contains {wrong}.", hint=REPLACE) from wrong
    return Dataset(
        name=info.name,
        shape=info.shape,
        classes=info.classes,
        train=train,
        test=test,
        source=f"MNIST in {' and '.join(dict.fromkeys(str(path.parent) for path in paths))}",
        digest=combined_digest(hashes),
    )


def fetch_mnist(
    locations: DataLocations, progress: Progress = silent, *, files: Four = MNIST
) -> Sequence[Path]:
    """Return the four files in the cache; missing or damaged ones are downloaded."""
    problems: dict[PinnedFile, str] = {}
    for pinned in files:
        try:
            check_file(cached(pinned, locations), pinned)
        except (DataError, CorruptFileError) as error:
            problems[pinned] = _problem(error.__cause__)
    try:
        _download(list(problems), locations, progress)
    except MnistMissingError as failure:
        named = {pinned.name: f"{pinned.name}{problem}" for pinned, problem in problems.items()}
        raise _fetch_error(failure, named, locations) from None
    return [cached(pinned, locations) for pinned in files]


def _problem(cause: BaseException | None) -> str:
    """Return what is wrong with the copy of a file; nothing if there is none."""
    if isinstance(cause, FileNotFoundError):
        return ""
    return f" (the copy {'could not be read' if isinstance(cause, OSError) else 'is damaged'})"


def _fetch_error(
    failure: MnistMissingError, named: Mapping[str, str], locations: DataLocations
) -> DataError:
    """Return the error of `zoo data fetch`, which cannot be the remedy."""
    names = [named[name] for name in failure.names]
    return DataError(
        f"MNIST could not be downloaded: {', '.join(names)}; {'; '.join(failure.answers)}.",
        hint=f"{_download_hint(locations)}.",
    )


def _download_hint(locations: DataLocations) -> str:
    """Return what to do after a download that failed; the same command may work later."""
    if locations.offline:
        return "Leave out --offline and unset ZOO_OFFLINE, or copy it with `zoo data import DIR`"
    return "Try again later, or copy it with `zoo data import DIR`"


def cached(pinned: PinnedFile, locations: DataLocations) -> Path:
    """Return the path of a file in the cache: unpacked, so that it is read fast."""
    return locations.cache / "mnist" / pinned.name


def _located(locations: DataLocations, progress: Progress, files: Four) -> list[Path]:
    paths = {pinned: next(locations.mnist(pinned.name), None) for pinned in files}
    _download([pinned for pinned, path in paths.items() if path is None], locations, progress)
    return [path or cached(pinned, locations) for pinned, path in paths.items()]


def _download(missing: Sequence[PinnedFile], locations: DataLocations, progress: Progress) -> None:
    """Download the missing files into the cache, or raise MnistMissingError."""
    if not missing:
        return
    names = [pinned.name for pinned in missing]
    if locations.user_path is not None:
        raise MnistMissingError(names, locations, ["with --data, no other folder is searched"])
    if locations.offline:
        raise MnistMissingError(names, locations, ["zoo is offline, so no mirror was tried"])
    # urllib takes longer to import than the files take to read.
    from zoo.data.download import AllMirrorsFailedError, download

    for pinned in missing:
        try:
            download(pinned, cached(pinned, locations), locations.mirrors, progress)
        except AllMirrorsFailedError as failure:
            raise MnistMissingError(
                names[names.index(pinned.name) :], locations, failure.answers
            ) from None


def _pool(images: Bytes, labels: Bytes, paths: Sequence[Path]) -> LabeledImages:
    """Return the images in rows with their labels, if their numbers agree."""
    shape = SOURCES["mnist"].shape
    if images.shape[1:] != shape:
        raise CorruptFileError(
            f"{paths[0]} contains images of shape {images.shape[1:]}; expected {shape}."
        )
    if len(images) != len(labels):
        raise CorruptFileError(
            f"{paths[0]} contains {len(images):,} images, "
            f"but {paths[1]} contains {len(labels):,} labels."
        )
    if labels.max(initial=0) >= SOURCES["mnist"].classes:
        raise CorruptFileError(f"{paths[1]} contains the label {labels.max()}; the maximum is 9.")
    return LabeledImages(images.reshape(len(images), -1), labels)
