"""zoo in a notebook."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.image_folders import digit_rows
from tests.helpers.optional import optional


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def cell(source: str) -> dict[str, object]:
    return {
        "cell_type": "code",
        "source": source,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }


def executed(*sources: str) -> list[Any]:
    """Return the outputs of each cell; a cell may fail."""
    nbclient, nbformat = optional("nbclient"), optional("nbformat")
    text = {
        "nbformat": 4,
        "nbformat_minor": 4,
        "metadata": {},
        "cells": [cell(source) for source in sources],
    }
    notebook = nbformat.reads(json.dumps(text), as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", allow_errors=True
    )
    client.execute()
    return [one.outputs for one in notebook.cells]


def test_notebook_outputs() -> None:
    """Entries, trainings, models and predictions show themselves."""
    from PIL import Image

    zero = 255 - digit_rows(1)[0].reshape(8, 8) * 15
    Image.fromarray(zero).resize((90, 90)).save("zero.png")
    cells = (
        "import zoo; zoo.entry('digits-10')",
        "training = zoo.train('digits-10', train__iterations=100); training.model",
        "training",
        "zoo.load('digits-10').read('zero.png')",
    )
    shown = [outputs[-1].data["text/html"] for outputs in executed(*cells)]
    for html, words in zip(
        shown, ("95.40% on test", "accuracy on test", "iteration 100", "<img src="), strict=True
    ):
        assert words in html


def test_notebook_hint() -> None:
    """The traceback of an error ends with its hint."""
    (output,) = executed("import zoo; zoo.entry('digits-1O')")[0]
    message, hint = output.traceback[-2:]
    assert message.endswith("There is no entry named 'digits-1O'.")
    assert hint == "Did you mean 'digits-10'?"
