"""A sentence on every key of an entry, for the JSON Schema and the reference made from it.

The sentences are not in the models, whose source code is part of the key of every training: a
better sentence must not make anybody's finished trainings count as those of other code.
"""

SPLIT = "The rows of each split."
WARM_UP = "The share of the training in which the rate rises linearly from 0."
BETAS = {
    "beta1": "The decay of the running mean of the gradient.",
    "beta2": "The decay of the running mean of its square.",
}
OWN_ROWS = {
    "split": SPLIT,
    "classes": "The number of classes.",
    "rows": "The number of rows to train on, before a split.",
    "labels": "The names of the classes; without them they are numbers from 0.",
}

FILES = {
    "split": SPLIT,
    "rows": "The rows to train on; found in the files.",
    "test_rows": "The rows of a test split in files of its own; found in them.",
    "classes": "The names of the classes; found in the files, in natural order.",
}
FIT = (
    "How an image of another size is made to fit: `scale`, `pad` (its proportions are kept), `ink` "
    "(a digit is centred) or `none` (it is refused)."
)

# the name of a model in zoo/config -> its keys, but for `kind`
DESCRIPTIONS: dict[str, dict[str, str]] = {
    "Entry": {
        "format": "The version of this format.",
        "name": "The name for commands: lower case letters, digits and single `-`, `_` or `.`.",
        "summary": "One sentence for `zoo list`.",
        "variant_of": "The entry from which this one was made.",
        "origin": "The original: where the network comes from.",
        "claim": "The accuracy that the original claims.",
        "data": "The images or rows.",
        "preprocess": "The scaling of the inputs.",
        "network": "The layers.",
        "train": "The recipe of the training.",
        "results": "The file of measured results, in an installed package.",
        "weights": "The file of trained weights, in an installed package.",
    },
    "Origin": {
        "title": "The title of the original.",
        "author": "Its author.",
        "url": "Its address.",
        "licence": "Its licence.",
        "stated": "The keys whose values the original states; all others are our choice.",
    },
    "Claim": {
        "value": "The claimed accuracy, as a share: 0.95 is 95 %.",
        "split": "The split on which it was measured.",
        "tolerance": "How far a mean may be from it and still count as reproduced.",
        "quote": "The sentence of the original, word by word; empty for a claim of your own.",
    },
    "Split": {
        "train": "Rows to train on; without it, all that the other splits leave.",
        "validation": "Rows to choose settings on, or their share, such as 0.2.",
        "test": "Rows to test on, or their share; 0 where the data has a test split of its own.",
        "seed": "The seed of the shuffle; without it, the seed of the run.",
        "stratify": "Whether each split has the classes in the same shares.",
        "group": "The column whose equal values, such as a patient's number, stay in one split.",
        "column": "The column that says of each row: train, validation or test.",
        "folds": "Divide the rows into so many parts; the run with seed s tests on part s, counted "
        "from 0 and around. `zoo compare --folds` sets it.",
    },
    "Preprocess": {
        "kind": "What the numbers are: given here, or learned from the training rows.",
        "divide": "The divisor in (value / divide - mean) / std.",
        "mean": "The mean to subtract: a number, or one for each column.",
        "std": "The deviation to divide by: a number, or one for each column.",
    },
    "NetworkConfig": {
        "hidden": "The units of each hidden layer; [] for none.",
        "block": "The layers of each hidden layer, with exactly one `dense`.",
        "input": "Layers before the first block.",
    },
    "TrainConfig": {
        "epochs": "The length in passes over the training rows; this or `iterations`.",
        "iterations": "The length in steps; this or `epochs`.",
        "batch": "The rows of a step; without it, all of them.",
        "rate": "The learning rate.",
        "seed": "The seed of the initial weights and of everything random in the training.",
        "loss": "The loss, of the softmax of the outputs.",
        "optimizer": "The optimizer.",
        "schedule": "How the rate changes during the training.",
        "weights": "The initializer of the weights.",
        "biases": "The initializer of the biases: `zeros`, `uniform` or `normal`.",
        "l2": "The strength of L2 regularization of the weights.",
        "label_smoothing": "The share of a label that is spread evenly over all classes.",
        "clip": "The maximum norm of the gradient; 0 for no clipping.",
        "average": "The decay of the moving average of the weights, which is then evaluated and "
        "saved; 0 for none.",
        "patience": "Reports without a better validation accuracy before the training stops; the "
        "best weights are kept.",
        "augment": "Random changes of the training images, anew in every epoch.",
        "together": "The number of images that share the random numbers of an augmentation.",
    },
    "Results": {
        "package": "The package.",
        "file": "The CSV file.",
    },
    "TrainedWeights": {
        "package": "The package.",
        "file": "The safetensors file.",
        "sha256": "Its SHA-256.",
    },
    "DigitsData": {"split": SPLIT},
    "MnistData": {"split": SPLIT},
    "KaggleData": {"split": SPLIT},
    "ArchivedData": {"split": SPLIT},
    "TableData": {**OWN_ROWS, "columns": "The numbers in a row."},
    "CsvData": {
        **FILES,
        "file": "The table: .csv, .csv.gz or .parquet.",
        "test_file": "A table with rows for testing only.",
        "label": "The column of the classes: its name, or its number from 1.",
        "columns": "The columns of the inputs; without it, all others.",
        "categories": "The columns of texts, each of whose different texts becomes an input of 0 "
        "or 1: a list of names, or a table of names and texts.",
        "missing": "What to do with a missing number: `refuse`, or use the `mean` of the column.",
        "means": "The means of the inputs, which a training learns from its rows.",
        "delimiter": "The character between two cells.",
    },
    "FolderData": {
        **FILES,
        "path": "The folder, which has a folder of images for each class.",
        "validation_path": "A folder like it, with the images of the validation split.",
        "test_path": "A folder like it, with images for testing only.",
        "shape": "The height and width of the network's images.",
        "fit": FIT,
        "highest": "The largest grey value.",
        "skip_bad": "Whether files that are not images are left out, instead of being an error.",
    },
    "IdxData": {
        **FILES,
        "images": "The file of images.",
        "labels": "The file of labels.",
        "test_images": "The file of images for testing only.",
        "test_labels": "The file of their labels.",
        "shape": "The height and width of an image; found in the file.",
        "fit": FIT,
    },
    "NpzData": {
        **FILES,
        "file": "The .npz file.",
        "x": "The array of images (n, height, width), or of rows (n, columns).",
        "y": "The array of labels.",
        "test_x": "The array of images or rows for testing only.",
        "test_y": "The array of their labels.",
        "shape": "The height and width of an image, or [1, columns]; found in the file.",
        "highest": "The largest grey value, or 0 for a table; found in the file.",
        "fit": FIT,
    },
    "PluginData": {
        **OWN_ROWS,
        "columns": "The numbers in a row, if it is not an image.",
        "shape": "The height and width of an image.",
        "highest": "The largest value of a pixel.",
        "test_rows": "The rows of a test split that the data has.",
        "title": "The name of the data for people.",
        "licence": "The licence of the data.",
    },
    "LeakyRelu": {"leak": "The slope for negative values."},
    "Dropout": {"rate": "The share of values set to 0."},
    "BatchNorm": {"momentum": "The decay of the running mean and variance."},
    "Uniform": {"low": "The lower end.", "high": "The upper end."},
    "Normal": {"std": "The standard deviation."},
    "Sgd": {
        "momentum": "The share of the last step that is added to the next.",
        "nesterov": "Whether the momentum is Nesterov's.",
    },
    "RmsProp": {"decay": "The decay of the running mean of the gradient's square."},
    "Adam": BETAS,
    "AdamW": {"decay": "The weight decay, which is multiplied by the rate.", **BETAS},
    "ConstantSchedule": {"warm_up": WARM_UP},
    "StepSchedule": {
        "warm_up": WARM_UP,
        "every": "The epochs between two changes.",
        "factor": "The factor of a change.",
    },
    "ExponentialSchedule": {"warm_up": WARM_UP, "factor": "The factor over an epoch."},
    "CosineSchedule": {"warm_up": WARM_UP},
    "PluginSchedule": {"warm_up": WARM_UP},
    "Shift": {"pixels": "The largest distance."},
    "Rotate": {"degrees": "The largest angle."},
    "Scale": {"share": "The largest change of the size: 0.1 is 10 %."},
    "Shear": {"share": "The largest shift of a row, as a share of its height."},
    "Elastic": {
        "alpha": "The largest value of the noise, in pixels.",
        "sigma": "The width of the Gaussian that smooths it, in pixels.",
    },
    "Stroke": {"share": "The largest change on each side, as a share of a pixel."},
}
