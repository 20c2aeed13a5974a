"""The golden images, normalized by zoo/data/images."""

import numpy as np
import pytest

from tests.helpers import golden_images
from tests.helpers.golden_images import SHAPES, TOLERANCE
from tests.helpers.models import shipped_model
from zoo.data.dataset import Bytes
from zoo.data.images.decode import decode
from zoo.data.images.normalize import normalize
from zoo.errors import CorruptFileError

MODELS = dict(zip(SHAPES, ("mnist-128-best", "digits-10-best"), strict=True))


def label(image: Bytes) -> int:
    return int(shipped_model(MODELS[image.shape]).logits(image.reshape(1, -1)).argmax())


def test_golden_images_complete() -> None:
    """Every file has its expected form."""
    assert {path.name for path in golden_images.paths()} == set(golden_images.names())


@pytest.mark.parametrize("name", golden_images.names())
def test_golden_image_normalized(name: str) -> None:
    decoded = decode(golden_images.content(name), where=name)
    for shape in SHAPES:
        expected = golden_images.expected_form(name, shape)
        if expected.pixels is None:
            with pytest.raises(CorruptFileError) as caught:
                normalize(decoded, shape, where=name)
            assert str(caught.value) == expected.error
            continue
        found = normalize(decoded, shape, where=name)
        assert found.steps == expected.steps
        assert np.abs(found.image.astype(int) - expected.pixels).max() <= TOLERANCE
        assert label(found.image) == label(expected.pixels)
