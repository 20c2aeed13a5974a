"""Training of an entry by PyTorch."""

from collections.abc import Iterator
from typing import Any

from zoo.analysis.baselines.result import FittedBaseline, labels_of, pixels_of
from zoo.config.entry import Entry, LayerSpec, TrainConfig
from zoo.config.layers import BatchNorm, Dense, Dropout, LeakyRelu, Relu, Sigmoid, Tanh
from zoo.config.optimization import Adam, AdamW, RmsProp, Sgd
from zoo.data.splits import Subset
from zoo.nn.buffers import Labels
from zoo.training.prepare import PreparedTraining
from zoo.training.recorder import Clock


def unsupported_reason(entry: Entry, *, rows: int) -> str | None:
    """Return why PyTorch cannot train the entry on this number of rows, or None."""
    normalizes = any(isinstance(spec.layer, BatchNorm) for spec in entry.layers)
    batch = entry.train.batch or rows
    if normalizes and 1 in {batch, rows % batch}:
        return "PyTorch cannot normalize a batch of a single row, and an epoch has such a batch."
    return None


def train(work: PreparedTraining, evaluated: Subset, *, clock: Clock) -> FittedBaseline:
    """Return the network that PyTorch trains from zoo's initial weights, on one thread."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(work.entry.train.seed)
            return _train(torch, work, evaluated, clock=clock)
    finally:
        torch.set_num_threads(threads)


def _train(
    torch: Any, work: PreparedTraining, evaluated: Subset, *, clock: Clock
) -> FittedBaseline:
    """Train with PyTorch's present number of threads and random state."""
    entry, part, plan = work.entry, work.splits.train, work.training.plan
    model = torch.nn.Sequential(*(_layer(torch.nn, spec) for spec in entry.layers))
    state = model.state_dict().items()
    tensors = [tensor for name, tensor in state if "num_batches" not in name]
    for tensor, (_, array) in zip(tensors, work.network.named_arrays(), strict=True):
        tensor.copy_(torch.from_numpy(array))
    weights = [module.weight for module in model if isinstance(module, torch.nn.Linear)]
    optimizer = _optimizer(torch.optim, entry.train, model, weights)
    criterion = torch.nn.CrossEntropyLoss(label_smoothing=entry.train.label_smoothing)
    pixels = torch.from_numpy(pixels_of(entry, part))
    labels = torch.from_numpy(labels_of(part))

    start = clock()
    for step, rows in enumerate(_batches(work)):
        for group in optimizer.param_groups:
            group["lr"] = plan.schedule(step / work.training.batches.steps_per_epoch)
        optimizer.zero_grad()
        loss = criterion(model(pixels[rows]), labels[rows])
        if entry.train.l2:
            loss = loss + entry.train.l2 / 2 * sum(weight.square().sum() for weight in weights)
        loss.backward()
        optimizer.step()
    seconds = clock() - start

    model.eval()
    with torch.no_grad():
        logits = model(torch.from_numpy(pixels_of(entry, evaluated))).numpy()
    drops = any(isinstance(spec.layer, Dropout) for spec in entry.layers)
    differs = ("drops other values in dropout",) if drops else ()
    return FittedBaseline([tensor.numpy() for tensor in tensors], logits, seconds, differs)


def _batches(work: PreparedTraining) -> Iterator[slice | Labels]:
    """Yield the rows of every step, shuffled by the same generator as in zoo's training."""
    rows, batch = work.training.batches.rows, work.training.batches.batch
    for step in range(work.training.plan.steps):
        number = step % work.training.batches.steps_per_epoch
        if batch == rows:
            yield slice(None)  # the order never changes, and a slice copies nothing
            continue
        if number == 0:
            order = work.training.rngs["order"].permutation(rows)
        yield order[number * batch : (number + 1) * batch]


def _layer(nn: Any, spec: LayerSpec) -> Any:  # noqa: PLR0911 - one return for each kind
    match spec.layer:
        case Dense():
            return nn.Linear(spec.inputs, spec.outputs)
        case Relu():
            return nn.ReLU()
        case LeakyRelu(leak=leak):
            return nn.LeakyReLU(leak)
        case Sigmoid():
            return nn.Sigmoid()
        case Tanh():
            return nn.Tanh()
        case Dropout(rate=rate):
            return nn.Dropout(rate)
        case BatchNorm(momentum=momentum):  # PyTorch's momentum is the weight of the new
            return nn.BatchNorm1d(spec.inputs, momentum=1 - momentum)


def _optimizer(optim: Any, train: TrainConfig, model: Any, weights: list[Any]) -> Any:
    parameters = list(model.parameters())
    match train.optimizer:
        case Sgd(momentum=momentum, nesterov=nesterov):
            return optim.SGD(parameters, train.rate, momentum=momentum, nesterov=nesterov)
        case RmsProp(decay=decay):
            return optim.RMSprop(parameters, train.rate, alpha=decay)
        case Adam(beta1=beta1, beta2=beta2):
            return optim.Adam(parameters, train.rate, betas=(beta1, beta2))
        case AdamW(decay=decay, beta1=beta1, beta2=beta2):
            decayed = {id(weight) for weight in weights}
            free = [parameter for parameter in parameters if id(parameter) not in decayed]
            groups = [{"params": weights, "weight_decay": decay}, {"params": free}]
            return optim.AdamW(groups, train.rate, betas=(beta1, beta2), weight_decay=0)
