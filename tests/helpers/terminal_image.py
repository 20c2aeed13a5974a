"""`python -m tests.helpers.terminal_image` writes models/terminal.svg, the README's terminal."""

import re
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tests.helpers.command import zoo_ok
from tests.helpers.paths import ROOT
from zoo.files import write_atomically

IMAGE = ROOT / "models" / "terminal.svg"
WIDE = 80
SAMPLE = "samples/7.png"
COMMANDS = (
    ("train", "digits-10"),
    ("predict", "mnist-128-best", SAMPLE, "--show"),
)
PROGRESS = re.compile(r"^iteration .*\n", flags=re.MULTILINE)  # a terminal shows a bar instead
# A font of the reader's machine: an image in a page loads nothing.
FONT = re.compile(r"@font-face \{.*?\}\s*", flags=re.DOTALL)


def main() -> None:
    """Run the commands as on a terminal, and write what they print as a picture."""
    console = Console(record=True, width=WIDE, file=StringIO(), force_terminal=True)
    with TemporaryDirectory() as folder:
        zoo_ok("data", "sample", cwd=Path(folder))
        for arguments in COMMANDS:
            typed = ["zoo", *(word for word in arguments if word != "--show")]
            console.print(Text("$ ", "bold green") + Text(" ".join(typed), "bold"))
            printed = zoo_ok(*arguments, "--color", "always", cwd=Path(folder), COLUMNS=WIDE)
            console.print(Text.from_ansi(PROGRESS.sub("", printed).rstrip("\n")))
    svg = console.export_svg(title="zoo", theme=MONOKAI, unique_id="zoo")
    write_atomically(IMAGE, FONT.sub("", svg).encode())


if __name__ == "__main__":
    main()
