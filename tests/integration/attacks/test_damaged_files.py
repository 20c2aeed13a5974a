"""Files of every format, damaged at random: zoo reads them or refuses them with its own error."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.attacked_formats import FORMATS
from tests.helpers.command import environment
from tests.helpers.paths import ROOT

# the tests come last in the path, so that the installed zoo is attacked
ATTACK = (
    "import sys; sys.path.append(sys.argv.pop(1)); from tests.helpers import attack; attack.main()"
)


@pytest.mark.parametrize("name", FORMATS)
def test_damaged_files(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Each file gives a result or one of zoo's errors, in 512 MB and without a hang."""
    cases, seed = (request.config.getoption(f"--attack-{what}") for what in ("cases", "seed"))
    done = subprocess.run(
        [sys.executable, "-P", "-c", ATTACK, ROOT, name, str(seed), str(cases), tmp_path],
        check=False,
        capture_output=True,
        env=environment(),
        text=True,
    )
    assert done.returncode == 0, done.stderr
