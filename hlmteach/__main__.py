"""`python -m hlmteach` is `hlmteach`, for a machine that does not find the command."""

import sys

from hlmteach.cli import main

if __name__ == "__main__":
    sys.exit(main())
