"""`python sklearn_train.py NAME FOLDER`: an original's network in scikit-learn's MLPClassifier."""

import sys
import warnings
from pathlib import Path

from sklearn.neural_network import MLPClassifier

from zoo.bench.scripts.recipes import RECIPES, load


def main(name: str, folder: Path) -> None:
    """Train and print the accuracy; the initial weights are scikit-learn's own."""
    warnings.simplefilter("ignore")  # warnings that it has not converged
    recipe = RECIPES[name]
    x, y, test_x, test_y = load(recipe, folder)
    model = MLPClassifier(
        (recipe.hidden,),
        solver="sgd",
        alpha=0,
        batch_size=recipe.batch or len(x),
        learning_rate_init=recipe.rate,
        max_iter=recipe.halves or recipe.passes,
        shuffle=recipe.batch is not None,
        momentum=0,
        random_state=0,
        tol=0,
        n_iter_no_change=recipe.passes,
        warm_start=True,
    )
    for number in range(recipe.passes // model.max_iter):
        model.set_params(learning_rate_init=recipe.rate / 2**number)
        model.fit(x, y)
    sys.stdout.write(f"{model.score(test_x, test_y)}\n")


main(sys.argv[1], Path(sys.argv[2]))
