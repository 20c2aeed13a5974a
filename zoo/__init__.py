"""A model zoo of small neural networks written from scratch on NumPy.

    >>> import zoo
    >>> "mnist-128" in zoo.names()
    True
    >>> zoo.entry("mnist-128").architecture
    '784-128-10'

`load` gives a trained model, `train` trains one; what is heavy is imported when it is needed.
"""

TYPE_CHECKING = False  # as typing has it, which is not worth its import
if TYPE_CHECKING:
    from zoo.api import Epoch, LayerInfo, Model, Prediction, Training, entry, load, names, train
    from zoo.config.entry import Entry
    from zoo.errors import ConfigError, CorruptFileError, DataError, DisagreementError, ZooError
    from zoo.estimator import ZooClassifier

__version__ = "0.1.0"
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
    if name == "ZooClassifier":  # needs scikit-learn at once
        from zoo import estimator

        return estimator.ZooClassifier
    from zoo import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
