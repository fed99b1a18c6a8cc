"""``python -m vuosikello.warehouse.indicator_declarations [--check]``."""

import sys

from vuosikello.warehouse.indicator_declarations.generate import main

if __name__ == "__main__":
    sys.exit(main())
