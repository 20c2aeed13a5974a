"""Whether a bundle is whole, and answers as its models did when it was packed."""

from __future__ import annotations

import hashlib

from . import safetensors
from .errors import CorruptError, DifferenceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .model import Model

SEAL = b"zoo bundle, sha256 "  # ends the comment of the archive, but for the digest
DIGITS = 64
TOLERANCE = 1e-5  # between two probabilities
SUMS = "SHA256SUMS"


def sealed(content: bytes) -> bytes:
    """Return an archive that ends in as many letters as a digest has with its own digest there."""
    body = content[:-DIGITS]
    return body + hashlib.sha256(body).hexdigest().encode()


def check_seal(content: bytes, where: str) -> None:
    """Raise unless an archive is, byte for byte, the one that was packed."""
    if sealed(content) != content:
        msg = f"{where} has changed since it was packed."
        raise CorruptError(msg, hint="`zoo bundle` makes it anew.")


def sums(text: str, where: str) -> dict[str, str]:
    """Return the SHA-256 of each file that a list of them names, by its path."""
    lines = [line.partition("  ") for line in text.split("\n")[:-1]]
    found = {path: digest for digest, _, path in lines}
    if listed(found) != text:
        msg = f"{where} has changed since it was made."
        raise CorruptError(msg)
    return found


def listed(digests: dict[str, str]) -> str:
    """Return such a list."""
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests))


def vectors(model: Model) -> tuple[list[bytes], list[list[float]]]:
    """Return the pictures that are packed with a model, and what it answered in zoo."""
    where = model.path("test_vectors.safetensors")
    arrays = safetensors.read(model.read(where), where=where)
    try:
        pixels, answers = arrays["images"].tobytes(), arrays["probabilities"].tolist()
    except KeyError:
        msg = f"{where} is damaged."
        raise CorruptError(msg) from None
    size, classes = model.shape[0] * model.shape[1], model.classes
    images = [pixels[at : at + size] for at in range(0, len(pixels), size)]
    return images, [answers[at : at + classes] for at in range(0, len(answers), classes)]


def check_answers(model: Model) -> tuple[int, float]:
    """Return how many pictures were asked about and the largest difference, or raise."""
    images, expected = vectors(model)
    largest = 0.0
    for image, wanted in zip(images, expected):
        found = model.probabilities(image)
        difference = max(abs(one - other) for one, other in zip(found, wanted))
        largest = max(largest, difference)
        label = found.index(max(found))
        if not difference <= TOLERANCE or label != wanted.index(max(wanted)):
            msg = (
                f"{model.name} answers otherwise than when it was packed: a probability differs "
                f"by {difference:.7f}, and at most {TOLERANCE:.5f} was expected."
            )
            raise DifferenceError(msg)
    return len(images), largest
