"""Bundles of models of own data, run by a bare Python and compared with `zoo predict`."""

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.bundles import predictions, pythons, run, run_ok
from tests.helpers.command import zoo, zoo_ok
from tests.helpers.own_data import (
    COLUMNS,
    iris,
    write_csv,
    write_digits,
    write_entry,
    write_iris,
    write_patients,
    write_shapes,
)


def bundled(entry: Path, *options: str) -> tuple[Path, Path]:
    """Train an entry and bundle the run; return the folder of the run, and the bundle."""
    runs = entry.parent / "runs"
    zoo_ok("train", entry, "--set", "train.epochs=5", "--runs", runs)
    run_folder = next(path for path in runs.iterdir() if path.name.startswith(entry.stem))
    out = entry.parent / f"{entry.stem}.pyz"
    zoo_ok("bundle", run_folder, "-o", out, *options)
    return run_folder, out


@pytest.mark.parametrize(
    ("write", "source"), [(write_iris, "iris.csv"), (write_patients, "patients.csv")]
)
def test_bundle_of_a_table(write: Callable[[Path], Path], source: str, tmp_path: Path) -> None:
    """The labels are those of zoo, and the probabilities to 0.00001, from a file and stdin."""
    folder, bundle = bundled(write(tmp_path))
    table = tmp_path / source
    assert run_ok(bundle, table, "--top-k", "2") == zoo_ok("predict", folder, table, "--top-k", "2")
    rows = json.loads(zoo_ok("predict", folder, table, "--format", "json"))
    for given in ({"bare": True}, {"bare": False}):  # with NumPy, too
        labels, probabilities = predictions(run_ok(bundle, table, "--json", **given))
        assert labels == [row["label"] for row in rows]
        expected = np.array([row["probabilities"] for row in rows])
        assert np.abs(probabilities - expected).max() < 1e-5
    from_stdin = run_ok(bundle, "-", stdin=table.read_bytes())
    assert from_stdin == run_ok(bundle, table).replace(str(table), "stdin")
    assert "20 test rows with equal labels" in run_ok(bundle, "--verify")
    assert "20 test rows within" in zoo_ok("verify", bundle)
    assert str(tmp_path).encode() not in bundle.read_bytes()


def test_bundle_of_a_table_errors(tmp_path: Path) -> None:
    """Sentences, hints and exit codes are those of zoo."""
    folder, bundle = bundled(write_iris(tmp_path))
    rows = [["new", *reversed(row)] for row in iris()]
    other = write_csv(tmp_path / "other.csv", ("extra", *reversed(COLUMNS)), rows)
    found, expected = run(bundle, other), zoo("predict", folder, other)
    assert found.stderr.replace("irises.pyz:", "zoo:") == expected.stderr
    assert "the model does not use 'extra'" in found.stderr
    assert found.stdout == expected.stdout
    others = tuple(f"another column {number}" for number in range(9))
    wide = write_csv(tmp_path / "wide.csv", (*others, *COLUMNS[:4]), [[*range(13)]])
    few = write_csv(tmp_path / "few.csv", COLUMNS[:3], [row[:3] for row in iris()])
    for table in (wide, few):
        wrapped = run(bundle, table, COLUMNS="80").stderr.splitlines()
        assert max(len(line) for line in wrapped if str(tmp_path) not in line) <= 80
        assert len(wrapped) > 2
        assert " ".join(map(str.strip, wrapped)) == " ".join(run(bundle, table).stderr.split())
    empty = write_csv(tmp_path / "empty.csv", COLUMNS, [])
    text = write_csv(tmp_path / "text.csv", COLUMNS, [[1, 2, "three", 4, ""]])
    for sources in ([few], [empty], [text], [tmp_path / "iris.csv", few], [tmp_path / "no.csv"]):
        found, expected = run(bundle, *sources), zoo("predict", folder, *sources)
        assert (found.exit_code, found.stdout) == (expected.exit_code, expected.stdout)
        assert found.stderr.split("\n")[0] == expected.stderr.split("\n")[0].replace(
            "zoo:", "irises.pyz:"
        )
    for option in ("--show", "--preprocess=none"):
        refused = run(bundle, tmp_path / "iris.csv", option)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert "Rows of a table are not images" in refused.stderr
    found = run(bundle, tmp_path / "irises.toml")
    assert found.exit_code == 5
    assert (
        "irises.toml does not contain table rows; a bundle reads .csv, .csv.gz, .tsv."
        in found.stderr
    )


def test_bundle_rows_beside_bad_ones(tmp_path: Path) -> None:
    """Good rows beside bad ones are predicted, and the bad ones named, as by zoo."""
    folder, bundle = bundled(write_iris(tmp_path))
    rows = iris()
    rows[149][0], rows[7][3] = "x", ""
    few = write_csv(tmp_path / "few.csv", COLUMNS, rows)
    many = write_csv(tmp_path / "many.csv", COLUMNS, [["x", *row[1:]] for row in rows] + rows)
    for sources in ([few], [many], [few, tmp_path / "irises.toml"]):
        found, expected = run(bundle, *sources), zoo("predict", folder, *sources)
        assert (found.exit_code, found.stdout) == (1, expected.stdout)
        if len(sources) == 1:  # of other files they say what each of them reads
            assert found.stderr.replace("irises.pyz:", "zoo:") == expected.stderr
    assert found.stderr.startswith("irises.pyz: 1 file and 2 rows could not be read:")
    assert found.stderr.endswith("predicted: 148\n")


def test_bundle_of_a_gzipped_table(tmp_path: Path) -> None:
    """A .csv.gz is read as by zoo, also from stdin; a damaged one has the sentence of zoo."""
    folder, bundle = bundled(write_iris(tmp_path))
    packed = tmp_path / "iris.csv.gz"
    packed.write_bytes(gzip.compress((tmp_path / "iris.csv").read_bytes()))
    printed = run_ok(bundle, packed)
    assert printed == zoo_ok("predict", folder, packed)
    assert run_ok(bundle, "-", stdin=packed.read_bytes()) == printed.replace(str(packed), "stdin")
    content = packed.read_bytes()
    truncated, changed = content[:-20], content[:40] + b"damage" + content[46:]
    for damaged in (truncated, changed):
        packed.write_bytes(damaged)
        found, expected = run(bundle, packed), zoo("predict", folder, packed)
        assert (found.exit_code, expected.exit_code) == (5, 5)
        assert expected.stderr.removeprefix("zoo: ").strip() in found.stderr


def test_bundle_refuses_parquet(tmp_path: Path) -> None:
    """A Parquet file cannot be read with the standard library; the hint says what to do."""
    _folder, bundle = bundled(write_iris(tmp_path))
    found = run(bundle, tmp_path / "iris.parquet")
    assert (found.exit_code, "iris.parquet does not exist." in found.stderr) == (3, True)
    (tmp_path / "iris.parquet").write_bytes(b"PAR1")
    found = run(bundle, tmp_path / "iris.parquet")
    assert found.exit_code == 5
    sentence, hint = found.stderr.splitlines()
    assert sentence.endswith("iris.parquet is a Parquet file, which a bundle does not read.")
    assert hint.strip() == "Save it as CSV, or use `zoo predict`."


@pytest.mark.parametrize("fit", ["scale", "pad"])
def test_bundle_of_images(fit: str, tmp_path: Path) -> None:
    """Images of any size become the network's 12 x 9 pixels as in zoo."""
    write_shapes(tmp_path)
    data = f'kind = "folder"\npath = "shapes"\nshape = [12, 9]\nfit = "{fit}"'
    folder, bundle = bundled(write_entry(tmp_path, "own", data))
    images = tmp_path / "shapes"
    assert run_ok(bundle, images) == zoo_ok("predict", folder, images)
    rows = json.loads(zoo_ok("predict", folder, images, "--format", "json"))
    labels, probabilities = predictions(run_ok(bundle, images, "--json"))
    assert labels == [row["label"] for row in rows]
    expected = np.array([row["probabilities"] for row in rows])
    assert np.abs(probabilities - expected).max() < 1e-5
    one = images / "circle" / "0.png"
    found, expected_one = run(bundle, one), zoo("predict", folder, one)
    assert found.stderr == expected_one.stderr.replace("zoo:", "own.pyz:")
    assert "scaled from " in found.stderr
    assert ("padded with the grey of its border" in found.stderr) == (fit == "pad")
    found = run(bundle, one, "--preprocess", "none")
    refused = zoo("predict", folder, one, "--preprocess", "none")
    assert found.exit_code == refused.exit_code == 5
    assert found.stderr.split()[1:] == refused.stderr.split()[1:]


def test_bundle_of_arrays(tmp_path: Path) -> None:
    """Images of 8 x 8 pixels of a user's are scaled, not taken for scikit-learn's digits."""
    folder, bundle = bundled(write_digits(tmp_path))
    write_shapes(tmp_path)
    images = tmp_path / "shapes"
    assert run_ok(bundle, images) == zoo_ok("predict", folder, images)


def test_bundle_of_rows_without_names(tmp_path: Path) -> None:
    """A table in an .npz file has columns in an order, and labels."""
    values = np.array([row[:4] for row in iris()])
    np.savez(tmp_path / "iris.npz", x=values, y=[str(row[4]) for row in iris()])
    entry = write_entry(tmp_path, "arrays", 'kind = "npz"\nfile = "iris.npz"')
    folder, bundle = bundled(entry)
    table = write_csv(tmp_path / "new.csv", COLUMNS[:4], values.tolist())
    assert run_ok(bundle, table) == zoo_ok("predict", folder, table)
    table.write_text("1,2,3\n")
    found, expected = run(bundle, table), zoo("predict", folder, table)
    assert (found.exit_code, found.stderr) == (5, expected.stderr.replace("zoo:", "arrays.pyz:"))


def test_bundle_folder_of_a_table(tmp_path: Path) -> None:
    folder, bundle = bundled(write_iris(tmp_path), "--kind", "folder")
    table = tmp_path / "iris.csv"
    assert run_ok(bundle / "run.py", table) == zoo_ok("predict", folder, table)
    assert "test rows within" in zoo_ok("verify", bundle)
    model = bundle / "models" / folder.name
    assert (model / f"{folder.name}.onnx").exists()
    assert (model / "test_data_set_0" / "input_0.pb").exists()


def test_bundle_of_tables_and_images(tmp_path: Path) -> None:
    """Models of several kinds of data share a bundle."""
    folder, _ = bundled(write_iris(tmp_path))
    both = tmp_path / "both.pyz"
    zoo_ok("bundle", folder, "digits-10", "-o", both)
    table = tmp_path / "iris.csv"
    assert run_ok(both, table) == zoo_ok("predict", folder, table)
    shutil.copy(table, tmp_path / "image.png")
    refused = run(both, "-m", "digits-10", tmp_path / "image.png")
    assert "is not an image" in refused.stderr
    refused = run(both, tmp_path / "image.png")
    assert refused.exit_code == 5
    assert refused.stderr.endswith("Choose a model that takes images: -m digits-10.\n")
    zoo_ok("bundle", "digits-10", folder, "-o", both)
    refused = run(both, table)
    assert refused.exit_code == 5
    assert refused.stderr.splitlines() == [
        f"both.pyz: {table} is a table, and digits-10 takes images.",
        "          Choose a model that takes tables: -m irises-s0-1.",
    ]


def test_bundle_of_own_data_python_3_9(tmp_path: Path) -> None:
    """The oldest Python of this machine prints what this one prints."""
    _folder, bundle = bundled(write_patients(tmp_path))
    table = tmp_path / "patients.csv"
    expected = run_ok(bundle, table, "--json")
    for python in pythons():
        assert run_ok(bundle, table, "--json", python=python) == expected
