"""``python -m hmi`` is the command ``brimline``."""

import sys

from hmi.cli import main

if __name__ == "__main__":
    sys.exit(main())
