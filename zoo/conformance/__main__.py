"""`python -m zoo.conformance NAME`, or `--digest DATA`: the children of `zoo plugins check`."""

import sys

from zoo.config.kinds import PluginData
from zoo.conformance.apart import main
from zoo.conformance.trials import digest

if sys.argv[1] == "--digest":
    sys.stdout.write(f"{digest(PluginData.model_validate_json(sys.argv[2]))}\n")
else:
    main(sys.argv[1])
