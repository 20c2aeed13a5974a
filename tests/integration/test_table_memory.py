"""The memory that a training on a large table takes."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.own_data import write_entry

TRAIN = """
import sys
from pathlib import Path

import zoo.training.prepare
from zoo.config.catalog import find
from zoo.data.load import load
from zoo.data.locations import DataLocations
from zoo.data.own.load import completed

def status(key):
    text = Path("/proc/self/status").read_text()
    return int(text.split(key)[1].split()[0]) * 1024

def train(path):
    entry = completed(find(path)).entry
    data = load(entry.data, DataLocations(None, None, path.parent, offline=True, mirrors=()))
    prepared = zoo.training.prepare.prepare(entry, data)
    for _ in prepared.training:
        pass
    for subset in prepared.subsets.values():
        prepared.training.evaluate(subset)

train(Path(sys.argv[1]))  # loads all modules
before = status("VmRSS:")
Path("/proc/self/clear_refs").write_text("5")  # the peak begins again
train(Path(sys.argv[2]))
print(status("VmHWM:") - before)
"""
COLUMNS = 20
DATA = """\
kind = "csv"
file = "{name}.csv"
label = "label"
split = {{test = 0.2, stratify = true}}
"""


def write_table(folder: Path, name: str, thousands: int) -> Path:
    """Write a table with different rows in each thousand, and an entry for it."""
    header = ",".join([*(f"column {number}" for number in range(COLUMNS)), "label"])
    rows = [
        [(row * 7919 + column * 104729) % 1000 / 8 for column in range(COLUMNS)]
        for row in range(1000)
    ]
    lines = [f"{','.join(map(str, row))},{'high' if row[0] > 60 else 'low'}\n" for row in rows]
    with (folder / f"{name}.csv").open("w") as file:
        file.write(f"{header}\n")
        for _ in range(thousands):
            file.writelines(lines)
    path = write_entry(folder, name, DATA.format(name=name))
    path.write_text(path.read_text().replace("epochs = 30", "epochs = 1"))
    return path


def test_memory_of_a_million_rows(tmp_path: Path) -> None:
    """Reading, splitting, standardizing and training take half as much as the rows, at most."""
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("this system does not report the memory of a process")
    small, large = write_table(tmp_path, "small", 5), write_table(tmp_path, "large", 1_000)
    done = subprocess.run(
        [sys.executable, "-I", "-c", TRAIN, small, large],
        capture_output=True,
        check=False,
        text=True,
    )
    assert not done.stderr
    assert int(done.stdout) <= 1.5 * 1_000_000 * COLUMNS * 4
