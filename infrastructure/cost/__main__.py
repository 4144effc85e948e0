"""`make cost`: run the handlers, count what they take, and print what a month of it costs."""

import sys

from infrastructure.cost.measured import measure
from infrastructure.cost.measurement import laboratory
from infrastructure.cost.page import page
from infrastructure.cost.prices import prices


def main() -> int:
    """Measure and print."""
    with laboratory() as here:
        measured = measure(here)
    print(page(measured, prices()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
