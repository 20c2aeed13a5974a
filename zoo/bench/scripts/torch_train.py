"""`python torch_train.py NAME FOLDER`: an original's network in PyTorch."""

import sys
from pathlib import Path
from typing import Any

import torch
from torch import nn

from zoo.bench.scripts.recipes import RECIPES, load


def main(name: str, folder: Path) -> None:
    """Train and print the accuracy."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    recipe = RECIPES[name]
    x, y, test_x, test_y = (torch.from_numpy(array) for array in load(recipe, folder))
    model = nn.Sequential(
        nn.Linear(x.shape[1], recipe.hidden), nn.ReLU(), nn.Linear(recipe.hidden, 10)
    )
    with torch.no_grad():
        for parameter in model.parameters():
            if recipe.uniform:
                parameter.uniform_(-recipe.spread, recipe.spread)
            elif parameter.dim() > 1:
                parameter.normal_(std=recipe.spread)
            else:
                parameter.zero_()
    optimizer = torch.optim.SGD(model.parameters(), lr=recipe.rate)
    criterion = nn.CrossEntropyLoss()

    def step(inputs: Any, targets: Any) -> None:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()

    for number in range(recipe.passes):
        if recipe.halves and number and number % recipe.halves == 0:
            optimizer.param_groups[0]["lr"] /= 2
        if recipe.batch is None:
            step(x, y)
        else:
            order: Any = torch.randperm(len(x))
            for rows in order.split(recipe.batch):
                step(x[rows], y[rows])
            accuracy(model, test_x, test_y)  # zoo evaluates after every epoch too
    sys.stdout.write(f"{accuracy(model, test_x, test_y)}\n")


def accuracy(model: Any, x: Any, y: Any) -> float:
    """Return the share of rows that are classified correctly."""
    with torch.inference_mode():
        return float((model(x).argmax(dim=1) == y).float().mean())


main(sys.argv[1], Path(sys.argv[2]))
