"""Whether a file that zoo made is still the one that it made, byte for byte, and still right.

Nothing of a bundle is run: its models are asked by the program that zoo itself brings.
"""

import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from zoo.bundle.app.errors import BundleError, DifferenceError
from zoo.bundle.app.integrity import DIGITS, SEAL, SUMS, check_predictions, check_seal, parse_sums
from zoo.bundle.app.model import Model, names
from zoo.errors import CorruptFileError, DataError, DisagreementError
from zoo.export import metadata, onnx_safety
from zoo.formatting import difference

CAP = 1_000_000_000  # bytes

Read = Callable[[str], bytes]


def verify(path: Path) -> str:
    """Return what was looked at in a bundle, a folder or an .onnx, or raise what is wrong."""
    if path.is_dir():
        return _folder(path)
    content = _content(path)
    if path.suffix.lower() == ".onnx":
        return _onnx(content, str(path))
    if not content[-DIGITS - len(SEAL) : -DIGITS] == SEAL:
        raise CorruptFileError(
            f"{path} is no bundle of zoo's, or has changed since it was made.",
            hint="`zoo verify` takes what `zoo bundle` and `zoo export --onnx` write.",
        )
    return _archive(content, str(path))


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(CAP + 1)
    except OSError as error:
        raise DataError(f"{path} could not be read: {error.strerror}.") from None
    if len(content) > CAP:
        raise CorruptFileError(
            f"{path} has more than {CAP:,} bytes, which are the most that are read."
        )
    return content


def _onnx(content: bytes, where: str) -> str:
    """Check an export: its seal is over the graph, and so the graph must give these very bytes."""
    proto = onnx_safety.checked(content, where=where)
    facts = metadata.read_metadata(proto, where=where)
    if facts is None or proto.SerializeToString(deterministic=True) != content:
        raise CorruptFileError(
            f"{where} is no export of zoo's, or has changed since it was made.",
            hint="`zoo export --onnx` writes it anew.",
        )
    return f"{len(content):,} bytes as they were exported, {facts.entry.name}"


def _archive(content: bytes, where: str) -> str:
    try:
        check_seal(content, where)
    except BundleError as error:
        raise CorruptFileError(str(error), hint=error.hint) from None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            # what is not packed is as large as it says, and no larger than the file
            if any(one.compress_type != zipfile.ZIP_STORED for one in packed.infolist()):
                raise CorruptFileError(f"{where} is compressed; what zoo makes is not.")
            answered = _answers(packed.read, where)
    except (zipfile.BadZipFile, KeyError, EOFError, RuntimeError) as error:
        raise CorruptFileError(f"{where} is no bundle of zoo's: {error}.") from None
    return f"{len(content):,} bytes as they were packed, {answered}"


def _folder(path: Path) -> str:
    known = _sums(path)
    inside = {
        one.relative_to(path).as_posix()
        for one in path.rglob("*")
        if one.is_symlink() or not one.is_dir()  # Python would import from a linked folder
    }
    if strange := sorted(inside - known.keys() - {SUMS}):
        raise CorruptFileError(f"{path / strange[0]} does not belong to the bundle.")
    if missing := sorted(known.keys() - inside):
        raise CorruptFileError(f"{path / missing[0]} is missing.")
    for name, digest in known.items():
        if hashlib.sha256(_content(path / name)).hexdigest() != digest:
            raise CorruptFileError(f"{path / name} has changed since it was made.")
    for name in sorted(known):
        if name.endswith(".onnx"):
            _onnx(_content(path / name), str(path / name))

    def read(name: str) -> bytes:
        if name not in known:
            raise CorruptFileError(f"{path / name} is missing.")
        return _content(path / name)

    return f"{len(known)} files as they were made, {_answers(read, str(path))}"


def _sums(path: Path) -> dict[str, str]:
    """Return which files there shall be, with their digests."""
    if not (path / SUMS).is_file():
        raise CorruptFileError(f"{path} is no folder that `zoo bundle` made: it has no {SUMS}.")
    try:
        return parse_sums(_content(path / SUMS).decode(errors="replace"), str(path / SUMS))
    except BundleError as error:
        raise CorruptFileError(str(error)) from None


def _answers(read: Read, where: str) -> str:
    """Return how near the answers to the test pictures come to those that they shall be."""
    told = []
    try:
        for name in names(read):
            count, largest = check_predictions(Model(read, name))
            told.append(f"{name}: {count} test pictures within {difference(largest)}")
    except DifferenceError as error:
        raise DisagreementError(f"{where}: {error}") from None
    except BundleError as error:
        raise CorruptFileError(f"{where}: {error}") from None
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        raise CorruptFileError(f"{where} does not say which models it holds.") from None
    return "; ".join(told)
