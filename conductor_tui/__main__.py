"""`python -m conductor_tui`."""

import sys

from conductor_tui.cli import main

if __name__ == "__main__":
    sys.exit(main())
