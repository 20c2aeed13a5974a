"""A model zoo of small neural networks written from scratch on NumPy.

    >>> import zoo
    >>> "mnist-128" in zoo.names()
    True
    >>> zoo.entry("mnist-128").architecture
    '784-128-10'

`load` returns a trained model, `train` trains one. Heavy modules are imported on first use.
"""

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without the cost of importing typing
if TYPE_CHECKING:
    from zoo.api import Epoch, LayerInfo, Model, Prediction, Training, entry, load, names, train
    from zoo.config.entry import Entry
    from zoo.errors import ConfigError, CorruptFileError, DataError, DisagreementError, ZooError
    from zoo.estimator import ZooClassifier

__version__ = "0.2.0"
__all__ = [
    "ConfigError",
    "CorruptFileError",
    "DataError",
    "DisagreementError",
    "Entry",
    "Epoch",
    "LayerInfo",
    "Model",
    "Prediction",
    "Training",
    "ZooClassifier",
    "ZooError",
    "entry",
    "load",
    "names",
    "train",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'zoo' has no attribute {name!r}")
    from zoo import errors

    if hasattr(errors, name):
        return getattr(errors, name)
    if name == "ZooClassifier":  # its module imports scikit-learn
        from zoo import estimator

        return estimator.ZooClassifier
    from zoo import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
