"""`python -m zoo.conformance NAME`: the child of `zoo plugins check`."""

import sys

from zoo.conformance.apart import main

main(sys.argv[1])
