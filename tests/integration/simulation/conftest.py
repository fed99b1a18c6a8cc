"""Simulations that several tests look at; making one takes a second."""

from __future__ import annotations

from datetime import date

import pytest

from simulation import Request, Simulated, simulate

# The day after the last simulated one, so that no test depends on today.
TODAY = date(2025, 1, 1)


@pytest.fixture(scope="session")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """Five organisations over two years, every row as it should be."""
    request = Request(organisations=5, years=2, clients=350, last_year=2024, errors=0, seed=4)
    return simulate(request, tmp_path_factory.mktemp("simulated"), today=TODAY)
