"""`python -m zoo.testing NAME`, or `--digest DATA`: the children of `zoo plugins check`."""

import sys

from zoo.config.kinds import PluginData
from zoo.testing.apart import main
from zoo.testing.trials import digest

if sys.argv[1] == "--digest":
    sys.stdout.write(f"{digest(PluginData.model_validate_json(sys.argv[2]))}\n")
else:
    main(sys.argv[1])
