"""What disclosure control costs and what it keeps.

    .venv/bin/python bench/disclosure.py HOME [HOME ...]
    .venv/bin/python bench/disclosure.py --areas 1 3 10 23

Takes the homes that are named, or makes up a year of so many welfare areas of 1,000 clients each,
receives and builds it. Prints for each: planned values, primary, complementary, the share of
information kept, how far the loss is at most above the least possible one, groups by how they were
solved, processor seconds of one ``control`` over all years, and the peak of memory of the process.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

CLIENTS, YEAR = 1_000, 2025


def measure(name: str, warehouse: Path) -> None:
    """Control a warehouse and print the figures."""
    from exports.disclosure import Protection, control
    from exports.indicator_files import reader

    processor = time.process_time()
    with reader(warehouse) as connection:
        result = control(connection, "warehouse.indicators", protection=Protection(), years=None)
    processor = time.process_time() - processor
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name}: {result.cells:,} planned values, {result.primary:,} primary, "
        f"{result.complementary:,} complementary, {result.information_kept:.1%} of the information "
        f"kept, at most {result.above_least or 0:.1%} above the least loss; "
        f"{result.exact_components} groups to the optimum, {result.large_components} others; "
        f"{processor:.1f} processor s, {memory:.0f} MiB",
        flush=True,
    )


def make_up(areas: int, home: Path) -> None:
    """Simulate, receive and build a year of so many welfare areas."""
    from common.home import Home
    from ingest import receiver
    from simulation import Request, simulate
    from vuosikello.warehouse import build

    made = home.with_name("made_up")
    request = Request(organisations=areas, years=1, clients=CLIENTS, last_year=YEAR, errors=0)
    simulate(request, made)
    receiver.receive(Home(home), [made])
    build.build(home)


def main() -> None:
    """Measure each home, in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("homes", nargs="*", type=Path, help="homes to measure")
    parser.add_argument("--areas", nargs="+", type=int, default=[], help="welfare areas to make up")
    asked = parser.parse_args()
    context = multiprocessing.get_context("spawn")

    def run(work: object, *arguments: object) -> None:
        process = context.Process(target=work, args=arguments)  # type: ignore[arg-type]
        process.start()
        process.join()
        if process.exitcode:
            raise SystemExit(process.exitcode)

    for home in asked.homes:
        run(measure, str(home), home / "warehouse.duckdb")
    for areas in asked.areas:
        with tempfile.TemporaryDirectory(prefix="vuosikello-bench-") as folder:
            home = Path(folder) / "home"
            run(make_up, areas, home)
            run(measure, f"{areas} areas", home / "warehouse.duckdb")


if __name__ == "__main__":
    main()
