"""What disclosure control costs and what it keeps, of the homes that are named.

    .venv/bin/python bench/disclosure.py HOME [HOME ...]

Prints for each: cells, primary, complementary, share of information kept, groups by how they were
solved, seconds and processor seconds of one `control` over all years, and the peak of memory.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

from exports.disclosure import Protection, control
from exports.indicator_files import reader


def main(homes: list[str]) -> None:
    for home in homes:
        processor = time.process_time()
        with reader(Path(home) / "warehouse.duckdb") as connection:
            result = control(
                connection, "warehouse.indicators", protection=Protection(), years=None
            )
        processor = time.process_time() - processor
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{home}: {result.cells} cells, {result.primary} primary, {result.complementary} "
            f"complementary, {result.information_kept:.1%} of the information kept; "
            f"{result.sensitive} numbers proved, {result.exact_components} groups to the optimum, "
            f"{result.large_components} large; {result.seconds:.1f} s, {processor:.1f} "
            f"processor s, {memory:.0f} MiB; loss {result.loss:.0f}, at most "
            f"{result.above_least or 0:.1%} above the least possible"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
