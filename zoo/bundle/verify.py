"""Verification of bundles and exports: digests over every byte, and predictions for test images.

No code from the bundle runs: zoo's own copy of its program predicts the test images.
"""

import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from zoo.bundle.app.errors import BundleError, DifferenceError
from zoo.bundle.app.integrity import DIGITS, SEAL, SUMS, check_predictions, check_seal, parse_sums
from zoo.bundle.app.model import Model, names
from zoo.errors import CorruptFileError, DisagreementError
from zoo.export import metadata, onnx_safety
from zoo.files import not_read, read_bounded
from zoo.formatting import difference

MAX_BYTES = 1_000_000_000
LIST_ENTRY, MAX_FILES = b"PK\x01\x02", 10_000

Read = Callable[[str], bytes]


def verify(path: Path) -> str:
    """Return what was checked in a bundle, a folder or an .onnx; raise if something is wrong."""
    try:
        is_folder = path.is_dir()
    except PermissionError as error:  # its folder may not be entered
        raise not_read(path, error) from None
    if is_folder:
        return _folder(path)
    content = read_bounded(path, MAX_BYTES)
    if path.suffix.lower() == ".onnx":
        return _onnx(content, str(path))
    if not content[-DIGITS - len(SEAL) : -DIGITS] == SEAL:
        raise CorruptFileError(
            f"{path} is neither a bundle nor an ONNX file of zoo, or it was modified.",
            hint="Name a file that `zoo bundle` or `zoo export --onnx` wrote.",
        )
    return _archive(content, str(path))


def _onnx(content: bytes, where: str) -> str:
    """Check an export: its checksum covers the graph, so serializing it must give these bytes."""
    proto = onnx_safety.checked(content, where=where)
    facts = metadata.read_metadata(proto, where=where)
    if facts is None or proto.SerializeToString(deterministic=True) != content:
        raise CorruptFileError(
            f"{where} is not an export of zoo, or was modified.",
            hint="Create it again with `zoo export --onnx`.",
        )
    return f"{len(content):,} bytes, unchanged since the export, {facts.entry.name}"


def _archive(content: bytes, where: str) -> str:
    try:
        check_seal(content, where)
    except BundleError as error:
        raise CorruptFileError(str(error), hint=error.hint) from None
    # zipfile makes an object of each entry in the list of files, however many there are.
    if content.count(LIST_ENTRY) > MAX_FILES:
        raise CorruptFileError(f"{where} has more than {MAX_FILES:,} files; bundles do not.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            # An uncompressed member cannot be larger than the archive.
            if any(info.compress_type != zipfile.ZIP_STORED for info in packed.infolist()):
                raise CorruptFileError(f"{where} is compressed; bundles of zoo are not.")
            summary = _check_models(packed.read, where)
    except (zipfile.BadZipFile, KeyError, EOFError, RuntimeError) as error:
        raise CorruptFileError(f"{where} is not a zoo bundle: {error}.") from None
    return f"{len(content):,} bytes, unchanged since packing, {summary}"


def _folder(path: Path) -> str:
    sums = _sums(path)
    files = {
        file.relative_to(path).as_posix()
        for file in path.rglob("*")
        if file.is_symlink() or not file.is_dir()  # Python would import from a linked folder
    }
    if foreign := sorted(files - sums.keys() - {SUMS}):
        raise CorruptFileError(f"{path / foreign[0]} does not belong to the bundle.")
    if missing := sorted(sums.keys() - files):
        raise CorruptFileError(f"{path / missing[0]} is missing.")

    def read(name: str) -> bytes:
        if name not in sums:
            raise CorruptFileError(f"{path / name} is missing.")
        return read_bounded(path / name, MAX_BYTES)

    for name, digest in sums.items():
        if hashlib.sha256(read(name)).hexdigest() != digest:
            raise CorruptFileError(f"{path / name} has changed since it was made.")
    for name in sorted(sums):
        if name.endswith(".onnx"):
            _onnx(read(name), str(path / name))
    return f"{len(sums)} files, unchanged, {_check_models(read, str(path))}"


def _sums(path: Path) -> dict[str, str]:
    """Return the digest of each file in the folder's SHA256SUMS."""
    if not (path / SUMS).is_file():
        raise CorruptFileError(f"{path} is not a folder of `zoo bundle`: it does not have {SUMS}.")
    content = read_bounded(path / SUMS, MAX_BYTES)
    try:
        return parse_sums(content.decode(errors="replace"), str(path / SUMS))
    except BundleError as error:
        raise CorruptFileError(str(error)) from None


def _check_models(read: Read, where: str) -> str:
    """Return how close the predictions for the test images are to the packed ones."""
    results = []
    try:
        for name in names(read):
            model = Model(read, name)
            count, largest = check_predictions(model)
            results.append(f"{name}: {count} test {model.noun}s within {difference(largest)}")
    except DifferenceError as error:
        raise DisagreementError(f"{where}: {error}") from None
    except BundleError as error:
        raise CorruptFileError(f"{where}: {error}") from None
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        raise CorruptFileError(f"{where} is damaged: its models cannot be read.") from None
    return "; ".join(results)
