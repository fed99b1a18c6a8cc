"""Made-up submissions in any size, for tests, benchmarks and trying things out.

The room knows the contracts, the code lists and the layout of the inbox, and nothing else: what it
writes is what an organisation could have sent. It never reads an installation, and no row of it is
about anybody. Everything is drawn by hashing a row's number with the seed, inside DuckDB, so that
the same arguments give the same bytes and Python never touches a row.
"""

from simulation.organisation_files import Made
from simulation.request import Format, Request, RequestProblem, SimulationProblem
from simulation.writer import Simulated, columns_without_template, simulate

__all__ = [
    "Format",
    "Made",
    "Request",
    "RequestProblem",
    "Simulated",
    "SimulationProblem",
    "columns_without_template",
    "simulate",
]
