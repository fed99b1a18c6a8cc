"""Random draws as DuckDB SQL, made from a row's number and the seed.

A draw is the hash of the row's own number; a salt makes it different for each thing that is drawn.
Salts are combined with ``xor`` before hashing, never given to ``hash`` as a second argument: the
engine's hashes of several arguments are correlated. The templates in ``sql/`` use these macros and
functions.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import duckdb
import jinja2
import yaml

from common.sql import literal
from ingest.contracts import CODES, Contract, Kind
from simulation.request import POPULATION, Cast, Member, Month, Request, SimulationProblem

FOLDER = Path(__file__).parent / "sql"
WEIGHTS = Path(__file__).parent / "weights.yaml"
_USUAL = 10
# A list is drawn from by its place in as many tickets; every code has at least one.
_TICKETS = 100
_MORE_TICKETS = 400
_CHECK_CHARACTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"

# draw: evenly from 0 up to 1. drawn: a whole number, both ends included.
_MACROS = """
CREATE MACRO draw(e, salt) AS (hash(xor(e, salt::UBIGINT)) >> 11)::DOUBLE / 9007199254740992.0;
CREATE MACRO drawn(e, salt, low, high) AS
    low + (hash(xor(e, salt::UBIGINT)) % (high - low + 1)::UBIGINT)::INTEGER;
CREATE MACRO known(day) AS CASE WHEN day <= {last_day} THEN day END;
CREATE MACRO seat_draw(seat) AS hash(xor(hash(seat::UBIGINT), {seat_base}::UBIGINT));
CREATE MACRO seat_cycle(seat) AS drawn(seat_draw(seat), 2, 500, 3000);
CREATE MACRO seat_began(seat) AS
    {first_day} - drawn(seat_draw(seat), 3, 0, 2999) % seat_cycle(seat);
CREATE MACRO holder(seat, day) AS
    seat * 100 + ((day - seat_began(seat)) // seat_cycle(seat))::INTEGER;
CREATE MACRO worker_name(number) AS 'T' || (100000000 + number)::VARCHAR;
CREATE MACRO person_place(person) AS (person::BIGINT * {factor} + 13) % {codes};
CREATE MACRO person_code(person) AS (
    SELECT strftime(born, '%d%m%y')
        || CASE WHEN born < DATE '2000-01-01' THEN substr('-YXWVU', place % {separators} + 1, 1)
            ELSE substr('ABCDEF', place % {separators} + 1, 1) END
        || number
        || substr('{characters}', ((strftime(born, '%d%m%y') || number)::BIGINT % 31)::INTEGER + 1,
            1)
    FROM (
        SELECT
            {first_birthday} + ((place // {separators}) % {birthdays})::INTEGER AS born,
            (900 + place // {separators} // {birthdays})::VARCHAR AS number,
            place::INTEGER AS place
        FROM (SELECT person_place(person) AS place)
    )
);
"""


def prepare(
    connection: duckdb.DuckDBPyConnection, request: Request, cast: Cast, organisation: str
) -> None:
    """Create the macros that the templates use for one organisation."""
    connection.execute(
        _MACROS.format(
            first_day=day(request.first_day),
            last_day=day(request.last_day),
            seat_base=request.base(organisation, "seat"),
            factor=cast.birthdays.factor,
            codes=cast.birthdays.codes,
            separators=6,
            birthdays=cast.birthdays.days,
            first_birthday=day(cast.birthdays.first),
            characters=_CHECK_CHARACTERS,
        )
    )


def render(
    template: str,
    request: Request,
    cast: Cast,
    member: Member,
    photograph: Month | None = None,
    **values: object,
) -> str:
    """Return the SQL of a template for one organisation.

    Args:
        template: its path below ``sql/``.
        request: what is asked.
        cast: the organisations and persons.
        member: the organisation.
        photograph: a month, whose photograph is wanted; None is that of every year.
        values: whatever else the template needs.
    """
    return (
        _environment()
        .get_template(template)
        .render(
            first_day=day(request.first_day),
            last_day=day(request.last_day),
            days=request.days,
            first_year=request.first_day.year,
            last_year=request.last_year,
            generations=request.generations,
            slots=member.slots,
            shared_persons=cast.shared_persons,
            first_person=member.first_person,
            entity=lambda kind, number: entity(request, member.code, kind, number),
            entity_of_all=lambda kind, number: entity(request, "", kind, number),
            municipality=lambda salt, e="e": municipality(member, salt, e),
            changes=request.changes,
            changed=lambda kind, number, chance: changed(
                request, member.code, kind, number, chance, photograph
            ),
            years=_years(photograph),
            as_known=lambda column: as_known(request, column),
            **values,
        )
    )


def values_of(contract: Contract) -> dict[str, object]:
    """Return the values that the template of a feed may need of its contract."""
    names = [column.name for column in contract.columns]
    questions = [
        {"name": column.name, "kind": column.kind.value}
        for column in contract.columns
        if not column.required
        and (column.kind is Kind.BOOLEAN or (column.minimum, column.maximum) == (1, 5))
    ]
    return {
        "alloc": [name for name in names if name.startswith("alloc_")],
        "process": [name for name in names if name.startswith("process_")],
        "questions": questions,
        "professions": codes_of("profession"),
        "population_file": literal(POPULATION),
    }


def exists(template: str) -> bool:
    """Whether there is such a template."""
    return (FOLDER / template).is_file()


def entity(request: Request, organisation: str, kind: str, number: str) -> str:
    """Return the SQL of the number that everything about one thing is drawn from.

    Args:
        request: what is asked.
        organisation: whose it is; empty for what all share.
        kind: what it is, such as ``client``.
        number: the SQL of its number among its kind.
    """
    return f"hash(xor(hash(({number})::UBIGINT), {request.base(organisation, kind)}::UBIGINT))"


def changed(
    request: Request,
    organisation: str,
    kind: str,
    number: str,
    chance: float,
    photograph: Month | None,
) -> str:
    """Return the SQL of what a state is drawn from once it has changed; null before.

    A photograph tells the state of the last year in which there was a change, up to its own; that
    of a month may have one of its own.

    Args:
        request: what is asked.
        organisation: whose state it is.
        kind: the state, such as ``client municipality``.
        number: the SQL of the number of the thing that has the state.
        chance: how likely a change is from one year to the next.
        photograph: the month of the photograph, if it is of one.
    """
    years = range(request.first_day.year + 1, request.last_year + 1)
    since = {
        year: entity(request, organisation, kind, f"{number} * 10000 + {year}") for year in years
    }
    whens = [
        f"WHEN years.year >= {year} AND draw({e}, 1) < {chance} THEN {e}"
        for year, e in reversed(since.items())
    ]
    if photograph is not None:
        e = entity(request, organisation, f"{kind} {photograph.period}", number)
        whens.insert(0, f"WHEN draw({e}, 1) < {chance} THEN {e}")
    cases = " ".join(whens)
    return f"CASE {cases} END" if cases else "NULL::UBIGINT"


def _years(photograph: Month | None) -> str:
    """Return the SQL of the periods that a photograph is of: every year, or a month."""
    if photograph is None:
        return "years"
    return (
        f"(SELECT {photograph.year} AS year, '{photograph.period}' AS period, "
        f"{day(photograph.first_day)} AS first_day, {day(photograph.last_day)} AS last_day)"
    )


def as_known(request: Request, column: str) -> str:
    """Return the SQL of a day as a photograph tells it: where things change, as it knew itself.

    Args:
        request: what is asked.
        column: the day as it turned out.
    """
    if request.changes:
        return f"CASE WHEN {column} <= years.last_day THEN {column} END"
    return f"known({column})"


def pick(code_list: str, salt: int, e: str = "e") -> str:
    """Return the SQL that draws one code of a list, by its weights."""
    known = weights().get(code_list, {})
    return ticket([(code, known.get(code, _USUAL)) for code in codes_of(code_list)], salt, e)


def several(code_list: str, salt: int, e: str = "e") -> str:
    """Return the SQL that draws some codes of a list, at least one, with ``|`` between them."""
    known = weights().get(code_list, {})
    parts = ", ".join(
        f"CASE WHEN draw({e}, {salt + nth}) < {known.get(code, _USUAL) / 100} THEN '{code}' END"
        for nth, code in enumerate(codes_of(code_list), start=1)
    )
    return f"coalesce(nullif(concat_ws('|', {parts}), ''), {pick(code_list, salt, e)})"


def municipality(member: Member, salt: int, e: str = "e") -> str:
    """Return the SQL that draws a municipality of the organisation, by population."""
    return ticket(member.municipalities, salt, e, _MORE_TICKETS)


def ticket(
    weighted: Sequence[tuple[str, float]], salt: int, e: str, tickets: int = _TICKETS
) -> str:
    """Return the SQL that draws one of some texts, each as often as its weight says."""
    total = sum(weight for _, weight in weighted)
    drawn = [
        text for text, weight in weighted for _ in range(max(1, round(tickets * weight / total)))
    ]
    values = ", ".join(f"'{text}'" for text in drawn)
    return f"[{values}][drawn({e}, {salt}, 1, {len(drawn)})]"


def each(texts: Sequence[str], number: str) -> str:
    """Return the SQL that takes some texts in turn."""
    values = ", ".join(f"'{text}'" for text in texts)
    return f"[{values}][(({number}) % {len(texts)})::INTEGER + 1]"


def day(value: object) -> str:
    """Return a day as SQL."""
    return f"DATE '{value}'"


@cache
def listed(code_list: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a code list."""
    with (CODES / f"{code_list}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def codes_of(code_list: str) -> list[str]:
    """Return the codes of a list, in its own order."""
    return [row["code"] for row in listed(code_list)]


@cache
def weights() -> dict[str, dict[str, float]]:
    """Return the weights of codes, by list.

    Raises:
        SimulationProblem: a weight is of a code that its list does not have.
    """
    found: dict[str, dict[str, float]] = yaml.safe_load(WEIGHTS.read_text(encoding="utf-8"))
    for code_list, given in found.items():
        unknown = set(given) - set(codes_of(code_list))
        if unknown:
            raise SimulationProblem(
                f"{WEIGHTS.name}: the code list {code_list} has no code "
                f"{', '.join(sorted(unknown))}. Remove it there."
            )
    return found


def relation_of(code_list: str) -> str:
    """Return the SQL of a code list as a relation of texts."""
    path = literal(CODES / f"{code_list}.csv")
    return f"read_csv({path}, header = true, all_varchar = true)"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=False,  # noqa: S701 - SQL, of constants of the room and its contracts
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        pick=pick, several=several, each=each, listed=listed, code_list=relation_of
    )
    return environment
