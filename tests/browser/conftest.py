"""One Chromium per worker for all pages."""

from collections.abc import Iterator

import pytest

from tests.helpers.chromium import Browser, browsing


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(tmp_path_factory.mktemp("browser")) as browser:
        yield browser
