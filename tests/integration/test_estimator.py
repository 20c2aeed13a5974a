"""All of scikit-learn's checks, with the array API."""

import subprocess
import sys

from tests.helpers.command import environment


def test_estimator_all_checks() -> None:
    """No check is expected to fail, with the array API too."""
    script = (
        "from sklearn.utils.estimator_checks import check_estimator as check; import zoo; "
        "found = check(zoo.ZooClassifier(), expected_failed_checks=None, on_fail=None); "
        "print({one['status'] for one in found}, len(found) > 40)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        env=environment(SCIPY_ARRAY_API=1),
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.stdout.split("} ")[1].strip() == "True", done.stderr
    assert "failed" not in done.stdout
    assert "xfail" not in done.stdout
