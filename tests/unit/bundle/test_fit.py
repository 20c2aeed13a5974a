"""Images of any size in the form of own data by the plain Python of a bundle, compared with zoo."""

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.helpers import golden_images
from tests.helpers.golden_images import PILLOW_ONLY, TOLERANCE
from zoo.bundle.app import decode as bundle_decode
from zoo.bundle.app import fit as bundle_fit
from zoo.bundle.app.errors import CorruptError
from zoo.bundle.app.image import Image
from zoo.config.dataset_info import SOURCES, Fit, Source
from zoo.data.dataset import Bytes
from zoo.data.images import decode, fit
from zoo.data.images.decode import DecodedImage
from zoo.data.images.fit import Preprocess
from zoo.errors import CorruptFileError

if TYPE_CHECKING:
    from zoo.bundle.app.model import Model

FITS: tuple[Fit, ...] = ("scale", "pad", "none")
READABLE = [name for name in golden_images.names() if not name.endswith(PILLOW_ONLY)]
sides = st.integers(1, 24)


def assert_alike(
    image: Image, decoded: DecodedImage, source: Source, preprocess: Preprocess | None = None
) -> None:
    """Compare every pixel and the steps, or the error and its hint."""
    model = cast(
        "Model",
        SimpleNamespace(
            fit=source.fit, shape=source.shape, highest=source.highest, data=source.title
        ),
    )
    try:
        expected = fit.in_form(decoded, source, preprocess=preprocess, where="x")
    except CorruptFileError as error:
        with pytest.raises(CorruptError) as caught:
            bundle_fit.in_form(image, model, preprocess=preprocess, where="x")
        assert (str(caught.value), caught.value.hint) == (str(error), error.hint)  # noqa: PT017 - the other may succeed
        return
    found = bundle_fit.in_form(image, model, preprocess=preprocess, where="x")
    assert found.steps == expected.steps
    levels = np.frombuffer(found.image, np.uint8).reshape(source.shape).astype(int)
    assert np.abs(levels - expected.image).max() <= TOLERANCE


@given(
    arrays.arrays(np.uint8, st.tuples(st.sampled_from([1, 2]), sides, sides)),
    st.tuples(sides, sides),
    st.sampled_from(FITS),
    st.sampled_from([1, 16, 255]),
    st.sampled_from([None, "none"]),
)
@example(np.full((1, 1, 9), 7, np.uint8), (1, 4), "pad", 255, None)  # a border of an even number
@example(np.full((1, 5, 5), 200, np.uint8), (5, 5), "none", 199, None)
@example(np.full((2, 5, 5), 200, np.uint8), (5, 5), "none", 255, None)
def test_fit_noise(
    planes: Bytes,
    shape: tuple[int, int],
    kind: Fit,
    highest: int,
    preprocess: Preprocess | None,
) -> None:
    """Any pixels, opaque or not, become the same image in any shape, or have the same error."""
    grey, *alpha = np.divide(planes, 255, dtype=np.float32)
    image = Image(grey.tolist(), alpha[0].tolist() if alpha else None, ())
    source = replace(
        SOURCES["mnist"], title="shapes", shape=shape, fit=kind, highest=highest, labels=("a", "b")
    )
    assert_alike(image, DecodedImage(grey, alpha[0] if alpha else None, ()), source, preprocess)


@pytest.mark.parametrize("name", READABLE)
def test_fit_golden_image(name: str) -> None:
    """Files of every kind, with notes of decoding and with transparency, are scaled alike."""
    content = golden_images.content(name)
    plain: Any = bundle_decode.decode(content, where=name)
    decoded = decode.decode(content, where=name)
    for kind in FITS:
        source = replace(SOURCES["mnist"], title="shapes", shape=(12, 20), fit=kind)
        assert_alike(plain, decoded, source)
