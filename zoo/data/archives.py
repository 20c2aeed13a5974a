"""The archives of Fashion-MNIST and other sets in MNIST's form.

Their MD5 is the one that torchvision publishes; it, and the numbers of images, were not checked
against the archives, which the machines that zoo is built on cannot reach.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Archive:
    """A file as it is downloaded: its name, its published MD5 and the greatest size it can have."""

    name: str
    md5: str
    max_bytes: int


@dataclass(frozen=True)
class ArchivedSet:
    """A dataset: its archives, and where in them its images and labels are.

    `members` are training images, training labels, test images and test labels: each the name of
    an archive, or of a file in the only archive, a zip.
    """

    name: str
    folder: str
    mirrors: tuple[str, ...]
    archives: tuple[Archive, ...]
    members: tuple[str, str, str, str]
    first_label: int = 0
    is_transposed: bool = False  # the pixels are column by column


IMAGES, LABELS = 47_100_000, 100_000  # bytes, above those of 60,000 images


def _four(name: str, mirror: str, hashes: tuple[str, str, str, str]) -> ArchivedSet:
    names = (
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    )
    sizes = (IMAGES, LABELS, IMAGES, LABELS)
    archives = map(Archive, names, hashes, sizes)
    return ArchivedSet(name, name, (mirror,), tuple(archives), names)


def _emnist(part: str, first_label: int) -> ArchivedSet:
    members = (
        f"gzip/emnist-{part}-{pool}-{content}-ubyte.gz"
        for pool in ("train", "test")
        for content in ("images-idx3", "labels-idx1")
    )
    one, two, three, four = members
    archive = Archive("gzip.zip", "58c8d27c78d21e728a6bc7b3cc06412e", 600_000_000)
    return ArchivedSet(
        f"emnist-{part}",
        "emnist",
        ("https://biometrics.nist.gov/cs_links/EMNIST/",),
        (archive,),
        (one, two, three, four),
        first_label=first_label,
        is_transposed=True,
    )


QMNIST = (
    Archive("qmnist-train-images-idx3-ubyte.gz", "ed72d4157d28c017586c42bc6afe6370", IMAGES),
    Archive("qmnist-train-labels-idx2-int.gz", "0058f8dd561b90ffdd0f734c6a30e5e4", 2_000_000),
    Archive("qmnist-test-images-idx3-ubyte.gz", "1394631089c404de565df7b7aeaf9412", IMAGES),
    Archive("qmnist-test-labels-idx2-int.gz", "5b5b05890a5e13444e108efe57b788aa", 2_000_000),
)
SETS = {
    one.name: one
    for one in (
        _four(
            "fashion-mnist",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            (
                "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
                "25c81989df183df01b3e8a0aad5dffbe",
                "bef4ecab320f06d8554ea6380940ec79",
                "bb300cfdad3c16e7a12a480ee83cd310",
            ),
        ),
        _four(
            "kmnist",
            "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
            (
                "bdb82020997e1d708af4cf47b453dcf7",
                "e144d726b3acfaa3e44228e80efcd344",
                "5c965bf0a639b31b8f53240b1b52f4d7",
                "7320c461ea6c1c855c0b718fb2a4b134",
            ),
        ),
        ArchivedSet(
            "qmnist",
            "qmnist",
            ("https://raw.githubusercontent.com/facebookresearch/qmnist/master/",),
            QMNIST,
            (QMNIST[0].name, QMNIST[1].name, QMNIST[2].name, QMNIST[3].name),
        ),
        _emnist("digits", first_label=0),
        _emnist("letters", first_label=1),
    )
}
