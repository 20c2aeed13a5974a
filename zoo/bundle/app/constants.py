"""The constants of image reading; in a bundle, zoo/data/images/constants.py takes this place."""

from zoo.data.images.constants import *  # noqa: F403 - they are one file
