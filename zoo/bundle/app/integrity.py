"""Integrity checks: the digests of a bundle, and the predictions for its test vectors."""

from __future__ import annotations

import hashlib
import os

from . import resources, safetensors
from .errors import CorruptError, DifferenceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import Model

SEAL = b"zoo bundle, sha256 "  # the archive ends in a comment: this and the digest
DIGITS = 64
TOLERANCE = 1e-5  # between two probabilities
SUMS = "SHA256SUMS"


def sealed(content: bytes) -> bytes:
    """Return the archive with its last 64 characters replaced by the digest of the rest."""
    body = content[:-DIGITS]
    return body + hashlib.sha256(body).hexdigest().encode()


def check_unchanged() -> str:
    """Raise if a byte of this bundle has changed; return what was checked."""
    home = resources.HOME
    if os.path.isfile(home):  # noqa: PTH113 - pathlib is slow to import
        with open(home, "rb") as file:  # noqa: PTH123 - pathlib is slow to import
            content = file.read()
        check_seal(content, home)
        return f"{len(content):,} bytes"
    digests = parse_sums(resources.read(SUMS).decode(errors="replace"), SUMS)
    for path, digest in digests.items():
        if hashlib.sha256(resources.read(path)).hexdigest() != digest:
            msg = f"{path} has changed since it was packed."
            raise CorruptError(msg)
    return f"{len(digests)} files"


def check_seal(content: bytes, where: str) -> None:
    """Raise if a byte of the archive has changed."""
    if sealed(content) != content:
        msg = f"{where} has changed since it was packed."
        raise CorruptError(msg, hint="Create it again with `zoo bundle`.")


def parse_sums(text: str, where: str) -> dict[str, str]:
    """Return the SHA-256 of each file in a list in the format of sha256sum, by path."""
    lines = [line.partition("  ") for line in text.split("\n")[:-1]]
    digests = {path: digest for digest, _, path in lines}
    if format_sums(digests) != text:
        msg = f"{where} has changed since it was made."
        raise CorruptError(msg)
    return digests


def format_sums(digests: dict[str, str]) -> str:
    """Return the digests as a list in the format of sha256sum."""
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests))


def test_vectors(model: Model) -> tuple[Sequence[Sequence[float]], list[list[float]]]:
    """Return the packed test images or rows, and the probabilities that zoo computed for them."""
    where = model.path("test_vectors.safetensors")
    arrays = safetensors.read(model.read(where), where=where)
    try:
        numbers, values = arrays[f"{model.noun}s"], arrays["probabilities"].tolist()
    except KeyError:
        msg = f"{where} is damaged."
        raise CorruptError(msg) from None
    size, classes = model.features, model.classes
    slices = [numbers[start : start + size] for start in range(0, len(numbers), size)]
    images = [part.tobytes() if model.has_images else part.tolist() for part in slices]
    return images, [values[start : start + classes] for start in range(0, len(values), classes)]


def check_predictions(model: Model) -> tuple[int, float]:
    """Return the number of test inputs and the largest difference; raise if it is too large."""
    images, stored = test_vectors(model)
    largest = 0.0
    for image, expected in zip(images, stored):
        actual = model.probabilities(image)
        difference = max(abs(a - e) for a, e in zip(actual, expected))
        largest = max(largest, difference)
        label = actual.index(max(actual))
        if not difference <= TOLERANCE or label != expected.index(max(expected)):
            msg = (
                f"{model.name} predicts other probabilities than when it was packed; expected "
                f"a difference of at most {TOLERANCE:.5f}, got {difference:.7f}."
            )
            raise DifferenceError(msg)
    return len(images), largest
