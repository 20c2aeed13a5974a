"""The images of `zoo data sample`: their generator, and the models that read them."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from zoo.models import samples

from tests.helpers.builtin_entries import ENTRIES
from tests.helpers.models import shipped_model
from zoo.data.images.decode import read_image
from zoo.data.images.normalize import normalize
from zoo.data.samples import FILES

LABELS = {**{f"{digit}.png": digit for digit in range(10)}, "page.jpg": 2}
MISREAD = {("digits-10", "1.png"): 9, ("mnist-128", "8.png"): 3}  # as models/samples.py says


def test_samples_are_those_of_the_generator() -> None:
    """Every shipped image is what the code draws; encoders and processors may round otherwise."""
    made = samples.images()
    assert set(made) == {path.name for path in FILES.iterdir()} == set(LABELS)
    for name, content in made.items():
        shipped = np.asarray(Image.open(FILES / name)).astype(int)
        difference = np.abs(np.asarray(Image.open(BytesIO(content))).astype(int) - shipped)
        assert difference.mean() < (2 if name.endswith(".jpg") else 0.01), name


def test_samples_are_small() -> None:
    assert sum(path.stat().st_size for path in FILES.iterdir()) < 60_000


@pytest.mark.parametrize("name", ENTRIES)
def test_samples_read_by_the_models(name: str) -> None:
    """Every shipped model reads the samples, with the exceptions in the generator's docstring."""
    model = shipped_model(name)
    read = {}
    for file in LABELS:
        image = normalize(read_image(FILES / file), model.source.shape, where=file).image
        read[file] = int(model.logits(image.reshape(1, -1)).argmax())
    expected = {file: MISREAD.get((name, file), label) for file, label in LABELS.items()}
    assert read == expected
