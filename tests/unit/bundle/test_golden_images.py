"""The golden images, normalized by the plain Python of a bundle."""

import pytest

from tests.helpers import golden_images
from tests.helpers.golden_images import PILLOW_ONLY, SHAPES
from zoo.bundle.app.decode import decode
from zoo.bundle.app.errors import CorruptError
from zoo.bundle.app.preprocess import normalize

READABLE = [name for name in golden_images.names() if not name.endswith(PILLOW_ONLY)]


@pytest.mark.parametrize("name", READABLE)
def test_golden_image_normalized(name: str) -> None:
    """The result is equal to the last bit: plain Python rounds alike on every machine."""
    decoded = decode(golden_images.content(name), where=name)
    for shape in SHAPES:
        expected = golden_images.expected_form(name, shape)
        if expected.pixels is None:
            with pytest.raises(CorruptError) as caught:
                normalize(decoded, shape, where=name)
            assert str(caught.value) == expected.error
            continue
        found = normalize(decoded, shape, where=name)
        assert found.steps == expected.steps
        assert found.image == expected.pixels.tobytes()
