"""The request for a simulation, and the organisations and persons in it.

The organisations are the first of the code list that are in force on the last simulated day. They
are as large as the population of their welfare area makes them, so that some are small.
"""

from __future__ import annotations

import calendar
import csv
import hashlib
import math
from collections import Counter
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from common.resources import resource
from ingest.contracts import CODES

# The organisation that submits data about every municipality (docs/how_to/send_files.md).
REFERENCE = "reference"
# Real figures of Statistics Finland; years that it does not have are made up from the nearest.
POPULATION = resource("examples/population_2015_2022.csv")
LAST_YEAR = 2025
ERRORS = 0.01
# A receiver refuses a file above this share of rejected rows (docs/how_to/send_files.md).
MOST_ERRORS = 0.10
FIRST_YEAR = 1970
MOST_YEARS = 40
# A slot for a client is held this share of the time; the rest lies between two clients.
HELD = 0.82
SHORTEST_CYCLE = 250
# An adult's age on the first simulated day.
YOUNGEST, OLDEST = 18, 85
SEPARATORS = 6
NUMBERS = 100


class SimulationProblem(Exception):
    """A simulation cannot be made; the text says why and what to do."""


class RequestProblem(SimulationProblem):
    """What was asked is not possible; another request is."""


class Format(StrEnum):
    """The format of the files."""

    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Request:
    """What to make.

    Attributes:
        organisations: how many organisations, beside the one of reference data.
        years: how many whole years, the last of them ``last_year``.
        clients: how many client relationships an organisation has open at a time, on average.
        seed: another seed gives other rows.
        last_year: the last year; it must have ended when the files are received.
        errors: about which share of the rows breaks a rule, 0 to 0.1.
        format: the format of the files.
        changes: whether states change from one photograph to the next, months are corrected after
            their year, some tell that there is nothing to report, and files are sent by mistake.
    """

    organisations: int = 3
    years: int = 2
    clients: int = 200
    seed: int = 1
    last_year: int = LAST_YEAR
    errors: float = ERRORS
    format: Format = Format.CSV
    changes: bool = False

    @property
    def first_day(self) -> date:
        """The first simulated day."""
        return date(self.last_year - self.years + 1, 1, 1)

    @property
    def last_day(self) -> date:
        """The last simulated day; nothing is known about the days after it."""
        return date(self.last_year, 12, 31)

    @property
    def days(self) -> int:
        """How many days are simulated."""
        return (self.last_day - self.first_day).days + 1

    @property
    def generations(self) -> int:
        """How many clients can follow each other in one slot, at most."""
        return (self.days + SHORTEST_CYCLE) // SHORTEST_CYCLE + 2

    def base(self, *names: str) -> int:
        """Return the 64-bit number that everything of that name is drawn from."""
        text = "\x1f".join((str(self.seed), *names))
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a year."""

    year: int
    month: int

    @property
    def period(self) -> str:
        """The month as a file states it."""
        return f"{self.year}-{self.month:02}"

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """Its last day."""
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])


@dataclass(frozen=True, slots=True)
class Birthdays:
    """The personal identity codes of a simulation: days of birth, and the factor that spreads them.

    Every code has an individual number from 900 to 999. Those are never given to a person by the
    population information system, so no code of a simulation belongs to a real person.

    Attributes:
        first: the first day of birth.
        days: how many days of birth there are.
        factor: spreads neighbouring numbers over days, numbers and separators; has no divisor in
            common with ``codes``, so that two persons never have the same code.
    """

    first: date
    days: int
    factor: int

    @property
    def codes(self) -> int:
        """How many codes there are."""
        return self.days * NUMBERS * SEPARATORS


@dataclass(frozen=True, slots=True)
class Member:
    """One organisation of a simulation.

    Attributes:
        code: the organisation.
        number: its place among the organisations, from 0.
        slots: how many clients it can have at a time.
        first_person: the number of its first own client's person.
        municipalities: the municipalities of its welfare area and their population.
    """

    code: str
    number: int
    slots: int
    first_person: int
    municipalities: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Cast:
    """The organisations of a simulation, the shared persons, and the identity codes."""

    members: tuple[Member, ...]
    shared_persons: int
    birthdays: Birthdays


def available(request: Request) -> list[str]:
    """Return the organisations in force on the last simulated day, in the code list's order."""
    day = request.last_day.isoformat()
    return [
        row["code"]
        for row in _listed("organisations")
        if row["welfare_area"] and (row["valid_from"] or day) <= day <= (row["valid_to"] or day)
    ]


def cast_of(request: Request, today: date) -> Cast:
    """Decide which organisations and persons take part.

    Args:
        request: what is asked.
        today: the day of asking; no simulated day may lie after it.

    Raises:
        RequestProblem: what is asked is not possible.
    """
    _check(request, today)
    codes = available(request)
    if request.organisations > len(codes):
        raise RequestProblem(
            f"{request.organisations} organisations are asked for, but the code list organisations "
            f"has {len(codes)} in force on {request.last_day}. Ask for at most {len(codes)}."
        )
    chosen = codes[: request.organisations]
    areas = {row["code"]: row["welfare_area"] for row in _listed("organisations")}
    people = _population(request)
    in_area = {
        area: tuple(
            (row["code"], people.get(row["code"], 1))
            for row in _listed("municipalities")
            if row["welfare_area"] == area and _in_force(row["valid_to"], request)
        )
        for area in {areas[code] for code in chosen}
    }
    sharing = Counter(areas[code] for code in chosen)
    weights = {
        code: sum(count for _, count in in_area[areas[code]]) / sharing[areas[code]]
        for code in chosen
    }
    shared = max(10, request.organisations * request.clients // 25)
    members: list[Member] = []
    first_person = shared
    for number, code in enumerate(chosen):
        # Small areas are not as small as their population: a caseload needs a few workers.
        share = 0.25 / len(chosen) + 0.75 * weights[code] / sum(weights.values())
        open_clients = share * len(chosen) * request.clients
        slots = max(1, round(open_clients / HELD))
        members.append(Member(code, number, slots, first_person, in_area[areas[code]]))
        first_person += slots * request.generations
    birthdays = _birthdays(request)
    if first_person > birthdays.codes:
        raise RequestProblem(
            f"So many clients need {first_person:,} personal identity codes, and only "
            f"{birthdays.codes:,} are nobody's. Ask for fewer clients, organisations or years."
        )
    return Cast(tuple(members), shared, birthdays)


def _check(request: Request, today: date) -> None:
    for name, value, least in (
        ("organisations", request.organisations, 1),
        ("years", request.years, 1),
        ("clients", request.clients, 1),
    ):
        if value < least:
            raise RequestProblem(f"--{name} is {value}; it must be at least {least}.")
    if request.years > MOST_YEARS or request.first_day.year < FIRST_YEAR:
        raise RequestProblem(
            f"{request.years} years up to {request.last_year} are asked for; at most {MOST_YEARS} "
            f"can be made, none before {FIRST_YEAR}."
        )
    if not 0 <= request.errors <= MOST_ERRORS:
        raise RequestProblem(
            f"--errors is {request.errors}; it must be from 0 to {MOST_ERRORS}, above which every "
            "file would be refused."
        )
    if request.last_day >= today:
        raise RequestProblem(
            f"{request.last_year} has not ended: its days to come would be rejected as lying in "
            f"the future. Give --last-year {today.year - 1} or earlier."
        )


def _birthdays(request: Request) -> Birthdays:
    first = date(request.first_day.year - OLDEST, 1, 1)
    days = (date(request.first_day.year - YOUNGEST, 1, 1) - first).days
    factor = 7919
    while math.gcd(factor, days * NUMBERS * SEPARATORS) != 1:
        factor += 2
    return Birthdays(first, days, factor)


def _in_force(valid_to: str, request: Request) -> bool:
    return not valid_to or valid_to >= request.last_day.isoformat()


def _population(request: Request) -> dict[str, int]:
    """Return each municipality's population in the year nearest to the last simulated one."""
    if not POPULATION.is_file():
        raise SimulationProblem(
            f"The population of the municipalities is missing: {POPULATION.name} belongs in "
            f"{POPULATION.parent}. Bring it back from the repository."
        )
    with POPULATION.open(encoding="utf-8", newline="") as file:
        rows = sorted(
            csv.DictReader(file),
            key=lambda row: (abs(int(row["year"]) - request.last_year), row["municipality"]),
        )
    found: dict[str, int] = {}
    for row in rows:
        found.setdefault(row["municipality"], int(row["population"]))
    return found


def _listed(code_list: str) -> list[dict[str, str]]:
    with (CODES / f"{code_list}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
