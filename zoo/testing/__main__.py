"""`python -m zoo.testing NAME` or `--digest DATA`: the child processes of `zoo plugins check`."""

import sys

from zoo.config.datasets import PluginData
from zoo.testing.checks import digest
from zoo.testing.isolated import main

if sys.argv[1] == "--digest":
    sys.stdout.write(f"{digest(PluginData.model_validate_json(sys.argv[2]))}\n")
else:
    main(sys.argv[1])
