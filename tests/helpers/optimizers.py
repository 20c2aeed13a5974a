"""Optimizers of every kind, for six weights and two biases."""

from collections.abc import Callable

import numpy as np

from zoo.nn.buffers import Array
from zoo.nn.optimizers import SGD, Adam, AdamW, Momentum, Optimizer, RMSprop

Make = Callable[[Array], Optimizer]
IS_WEIGHT = np.array([1.0] * 6 + [0.0] * 2)

OPTIMIZERS: dict[str, Make] = {
    "sgd": SGD,
    "momentum": lambda w: Momentum(w, momentum=0.9),
    "nesterov": lambda w: Momentum(w, momentum=0.9, nesterov=True),
    "rmsprop": lambda w: RMSprop(w, decay=0.95),
    "adam": lambda w: Adam(w, beta1=0.8, beta2=0.99),
    "adamw": lambda w: AdamW(w, decay=0.02, is_weight=IS_WEIGHT),
}
