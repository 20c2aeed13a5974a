"""scikit-learn's own checks of an estimator."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo import ZooClassifier


def failures(estimator: "ZooClassifier") -> dict[str, Any]:
    """Return the checks that an estimator does not pass, with what they raised.

    The one of the array API is left out: it needs SCIPY_ARRAY_API=1 before SciPy is imported.
    """
    from sklearn.utils.estimator_checks import check_estimator

    results = check_estimator(estimator, on_skip=None, on_fail=None)
    assert len(results) > 40
    return {
        one["check_name"]: one["exception"]
        for one in results
        if one["status"] != "passed"
        and (one["status"], one["check_name"]) != ("skipped", "check_array_api_input")
    }
