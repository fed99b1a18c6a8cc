"""Simulations that several tests look at; making one takes a second."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.contracts import load_contracts
from simulation import Request, Simulated, simulate

# The day after the last simulated one, so that no test depends on today.
TODAY = date(2025, 1, 1)


@pytest.fixture(scope="session")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """Five organisations over two years, every row as it should be."""
    request = Request(organisations=5, years=2, clients=350, last_year=2024, errors=0, seed=4)
    return simulate(request, tmp_path_factory.mktemp("simulated"), today=TODAY)


@pytest.fixture(scope="session")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """Four organisations over three years in which things change, every row as it should be."""
    request = Request(
        organisations=4, years=3, clients=300, last_year=2024, errors=0, seed=5, changes=True
    )
    contracts = {feed: one for feed, one in load_contracts().items() if feed != "time_entries"}
    return simulate(request, tmp_path_factory.mktemp("changing"), today=TODAY, contracts=contracts)
