"""PyTorch: eager without a DataLoader, which would be slower; and with torch.compile."""

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from zoo.bench.task import BenchTask

Array = npt.NDArray[Any]


class Peer:
    """PyTorch with nn.Sequential, CrossEntropyLoss and torch.optim."""

    version = torch.__version__
    differs: tuple[str, ...] = ()

    def __init__(self, task: BenchTask) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(0)
        self.task, facts = task, task.facts
        self.x, self.test = torch.from_numpy(task.inputs), torch.from_numpy(task.test_inputs)
        self.y = torch.from_numpy(task.labels.astype(np.int64))
        self.order = torch.from_numpy(task.order.astype(np.int64))
        widths = [self.x.shape[1], *facts["hidden"], facts["classes"]]
        layers: list[nn.Module] = []
        for number, (inputs, units) in enumerate(pairwise(widths)):
            layers.append(nn.Linear(inputs, units))
            if number < len(facts["hidden"]):
                layers += [nn.BatchNorm1d(units)] if facts["norm"] else []
                layers.append(nn.ReLU())
                layers += [nn.Dropout(facts["dropout"])] if facts["dropout"] else []
        self.model: Any = nn.Sequential(*layers)
        self.dense = [layer for layer in layers if isinstance(layer, nn.Linear)]
        if facts["dropout"]:
            self.differs = ("drops other values",)
        self.criterion = nn.CrossEntropyLoss()
        self.queries = self.test[: facts["answers"]]
        self.answer: Any = self.model
        self.loss: Any = self.loss_of

    def reset(self) -> None:
        """Restore the initial weights and create a new optimizer."""
        facts = self.task.facts
        self.model.train(not facts["answers"])
        with torch.no_grad():
            for layer, (weights, biases) in zip(self.dense, self.task.layers, strict=True):
                layer.weight.copy_(torch.from_numpy(weights))
                layer.bias.copy_(torch.from_numpy(biases))
            for layer in self.model.modules():
                if isinstance(layer, nn.BatchNorm1d):
                    layer.reset_parameters()
        if facts["optimizer"] == "adam":
            self.optimizer: Any = torch.optim.Adam(
                self.model.parameters(), lr=facts["rate"], fused=True
            )
        else:
            momentum = facts["momentum"]
            self.optimizer = torch.optim.SGD(
                self.model.parameters(), lr=facts["rate"], momentum=momentum
            )

    def step(self, x: Any, y: Any) -> None:
        """Take one training step."""
        self.optimizer.zero_grad()
        self.loss(x, y).backward()
        self.optimizer.step()

    def loss_of(self, x: Any, y: Any) -> Any:
        """Return the mean cross-entropy."""
        return self.criterion(self.model(x), y)

    def run(self) -> None:
        """Train or predict."""
        facts = self.task.facts
        if facts["answers"]:
            with torch.inference_mode():
                self.answer(self.queries)
            return
        if facts["steps"]:
            for _ in range(facts["steps"]):
                self.step(self.x, self.y)
            return
        for order in self.order:
            for rows in order.split(facts["batch"]):
                self.step(self.x[rows], self.y[rows])

    def weights(self) -> list[Array]:
        """Return W1, b1, W2, b2 ..."""
        pairs = ((layer.weight, layer.bias) for layer in self.dense)
        return [tensor.detach().numpy() for pair in pairs for tensor in pair]

    def logits(self) -> Array:
        """Return the logits of the test rows."""
        self.model.eval()
        with torch.inference_mode():
            logits: Array = self.model(self.test).numpy()
        return logits


class CompilePeer(Peer):
    """PyTorch with torch.compile."""

    def __init__(self, task: BenchTask) -> None:
        super().__init__(task)
        self.answer = torch.compile(self.model, dynamic=False)
        self.loss = torch.compile(self.loss_of, dynamic=False)
