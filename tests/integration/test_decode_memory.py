"""Memory used for decoding the largest images."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("mode", "size", "kind"),
    [
        ("RGB", (8160, 6120), "JPEG"),
        ("RGBA", (6000, 6000), "PNG"),
        ("RGBA", (5000, 4000), "WEBP"),
        ("I;16", (6000, 6000), "TIFF"),
    ],
)
def test_decode_memory_of_largest_images(
    tmp_path: Path, mode: str, size: tuple[int, int], kind: str
) -> None:
    from PIL import Image

    path = tmp_path / "large"
    Image.new(mode, size).save(path, kind, lossless=True, compression="tiff_lzw")
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from zoo.data.images.decode import read_image\n"
        "assert max(read_image(Path(sys.argv[1])).grey.shape) <= 1200\n"
        "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])\n"
    )
    if not Path("/proc/self/status").exists():
        pytest.skip("this system does not report the peak memory of a process")
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, path], capture_output=True, check=True, text=True
    )
    assert int(done.stdout) * 1024 < 400_000_000
