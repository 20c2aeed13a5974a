"""Folders of the user's images that cannot be listed."""

import errno
import os
from pathlib import Path

import pytest

from zoo.data.own.image_folder import class_names
from zoo.errors import DataError


def test_class_names_of_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        class_names(tmp_path / "none")
    assert str(caught.value) == f"{tmp_path / 'none'} does not exist."


def test_class_names_permission_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint names what to permit."""

    def refuse(path: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError) as caught:
        class_names(tmp_path)
    assert str(caught.value) == f"{tmp_path} could not be read: Permission denied."
    assert caught.value.hint == f"Check the permissions of {tmp_path}."
