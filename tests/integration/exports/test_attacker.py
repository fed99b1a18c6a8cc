"""An attacker with everything that was published finds out nothing.

The attacker starts from the files alone (`attacker`), and reasons in whole numbers. What must not be
found is read from the warehouse: every number about few people. Publications with primary suppression only show
that the attacker is strong enough: their withheld numbers are found.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

import attacker
import exports
from attacker import Attack, Promise, Published
from common.indicator_key import KEY
from exports.disclosure import DisclosureResult
from exports.publication_plan import publication_plan
from tests.support.small_tables import Person, write_small

THRESHOLD, SHARE = 5, 0.1
# Every row about few people, and on which side they stand.
_FEW = f"""
SELECT given.*, few_persons, few_on_numerator, few_on_other_side
FROM (
    SELECT
        given.*,
        coalesce(basis.persons BETWEEN 1 AND {THRESHOLD - 1}, false) AS few_persons,
        coalesce(basis.numerator_persons BETWEEN 1 AND {THRESHOLD - 1}, false) AS few_on_numerator,
        coalesce(basis.other_side_persons BETWEEN 1 AND {THRESHOLD - 1}, false) AS few_on_other_side
    FROM house.indicators.indicator_values AS given
    INNER JOIN house.indicators.indicator_basis AS basis USING ({", ".join(KEY)})
    INNER JOIN house.indicators.indicator_catalogue AS catalogue USING (indicator)
    WHERE catalogue.personal AND {publication_plan().values("given")}
) AS given
WHERE few_persons OR few_on_numerator OR few_on_other_side
ORDER BY {", ".join(KEY)}
"""


def attack(warehouse: Path, *files: Path, truth: Sequence[Path] = ()) -> Attack:
    """Attack publications, oldest first; `truth` are the warehouses that they were made of."""
    houses = list(truth) or [warehouse] * len(files)
    plan = publication_plan()
    return attacker.attack(
        [
            Published(str(number), file, house)
            for number, (file, house) in enumerate(zip(files, houses, strict=True), 1)
        ],
        Promise(
            delicate_breakdowns=plan.sensitive_breakdowns,
            delicate_indicators=plan.sensitive_indicators,
        ),
    )


def publish_primary_only(warehouse: Path, file: Path) -> Path:
    """Publish as if looking at one value at a time were enough."""
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{warehouse}' AS house (READ_ONLY)")
        key = ", ".join(f"given.{name}" for name in KEY)
        numbers = ("numerator", "denominator", "value", "persons", "events")
        columns = ", ".join(
            f"CASE WHEN few.indicator IS NULL THEN given.{name} END AS {name}" for name in numbers
        )
        connection.execute(
            f"COPY (SELECT {key}, {columns}, if(few.indicator IS NULL, 'published', 'suppressed') "
            f"AS status FROM house.indicators.indicator_values AS given LEFT JOIN ({_FEW}) AS few "
            f"USING ({', '.join(KEY)}) WHERE {publication_plan().values('given')} "
            f"ORDER BY ALL) TO '{file}' (FORMAT parquet)"
        )
    return file


def description(name: str, result: DisclosureResult, got: Attack) -> str:
    """Return the figures of an attack in one line."""
    return (
        f"{name}: {result.cells} cells, {result.primary} primary, {result.complementary} "
        f"complementary, {result.information_kept:.1%} of the information kept, "
        f"{result.seconds:.1f} s; {got.attacked} numbers attacked, narrowest interval "
        f"{got.narrowest or 0:.2f} times the protection"
    )


def test_nothing_of_the_example_is_found_and_primary_suppression_alone_gives_much_away(
    iso_sos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse = iso_sos / "warehouse.duckdb"
    published = publish(warehouse, tmp_path / "out")
    got = attack(warehouse, published.files[1])
    naive = attack(warehouse, publish_primary_only(warehouse, tmp_path / "naive.parquet"))
    with capsys.disabled():
        print(f"\n{description('ISO SOS', published.disclosure, got)}")
        print(f"  primary suppression only: {len(naive.findings)} found, {naive.exact} exactly")
    assert got.findings == ()
    assert got.attacked > 500
    assert naive.exact > 100


def publish(
    warehouse: Path, out: Path, *, earlier: Sequence[Path] = ()
) -> exports.indicator_files.ExportResult:
    """Publish with the default protection, whatever else lies about."""
    return exports.publish(warehouse, out, earlier=earlier)


# Hand-made: what is withheld is known.
def people(organisation: str, municipality: str, count: int, **more: object) -> list[Person]:
    return [Person(organisation, municipality, "2019-01", **more) for _ in range(count)]  # type: ignore[arg-type]


def suppressed(
    file: Path, indicator: str = "test.people", period: str = "2019"
) -> set[tuple[str, ...]]:
    """Which undivided rows of a year are suppressed."""
    return set(
        duckdb.sql(
            f"SELECT area_type, area FROM read_parquet('{file}') WHERE status = 'suppressed' "
            f"AND indicator = '{indicator}' AND period = '{period}' AND breakdown = 'none'"
        ).fetchall()
    )


def test_one_small_municipality_takes_a_second_one_with_it(tmp_path: Path) -> None:
    table = people("one", "a", 3) + people("one", "b", 20) + people("one", "c", 500)
    warehouse = write_small(tmp_path / "small.duckdb", table)
    naive = attack(warehouse, publish_primary_only(warehouse, tmp_path / "naive.parquet"))
    assert naive.exact > 0
    published = publish(warehouse, tmp_path / "out")
    assert attack(warehouse, published.files[1]).findings == ()
    # The smaller of the two, not the larger, and no sum.
    assert suppressed(published.files[1]) == {("municipality", "a"), ("municipality", "b")}


def test_nothing_more_is_withheld_where_few_people_hide_each_other(tmp_path: Path) -> None:
    table = [
        *people("one", "a", 4),
        *people("one", "b", 4),
        *people("one", "c", 50),
    ]
    warehouse = write_small(tmp_path / "small.duckdb", table)
    published = publish(warehouse, tmp_path / "out")
    assert attack(warehouse, published.files[1]).findings == ()
    assert suppressed(published.files[1]) == {("municipality", "a"), ("municipality", "b")}
    assert published.disclosure.complementary == 0


def test_nothing_is_withheld_where_nobody_is_few(tmp_path: Path) -> None:
    table = [*people("one", "a", 30, is_in=True), *people("one", "b", 40, is_in=True)]
    warehouse = write_small(tmp_path / "small.duckdb", table)
    assert publish(warehouse, tmp_path / "out").suppressed == 0


PLACES = st.sampled_from([("one", "a"), ("one", "b"), ("two", "b"), ("two", "c"), ("three", "d")])
TABLES = st.lists(
    st.tuples(
        PLACES,
        st.sampled_from(["2019-01", "2019-02", "2019-03"]),
        st.sampled_from(["x", "y", "z"]),
        st.booleans(),
        st.integers(1, 12),
    ),
    min_size=1,
    max_size=14,
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # An example takes a second: one that fails is shown as it is.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(TABLES)
# All inside are of one part, so that the whole shows what is withheld of the part: 10 people.
@example(
    [
        (("one", "a"), "2019-02", "y", True, 1),
        (("two", "b"), "2019-03", "z", False, 8),
        (("one", "b"), "2019-02", "z", False, 5),
        (("two", "c"), "2019-01", "y", True, 5),
        (("one", "a"), "2019-02", "x", False, 8),
        (("three", "d"), "2019-01", "z", False, 11),
        (("two", "c"), "2019-03", "z", False, 2),
        (("two", "c"), "2019-02", "y", True, 1),
        (("two", "c"), "2019-02", "y", False, 4),
        (("two", "c"), "2019-03", "y", True, 4),
    ]
)
def test_nothing_of_any_small_table_is_found(table: list[tuple[object, ...]]) -> None:
    made = [
        Person(place[0], place[1], month, part, is_in)  # type: ignore[index, arg-type]
        for place, month, part, is_in, count in table
        for _ in range(count)  # type: ignore[call-overload]
    ]
    with tempfile.TemporaryDirectory() as folder:
        warehouse = write_small(Path(folder) / "small.duckdb", made)
        published = publish(warehouse, Path(folder) / "out")
        assert attack(warehouse, published.files[1]).findings == ()


def test_two_releases_give_away_no_more_than_one(tmp_path: Path) -> None:
    first = people("one", "a", 3) + people("one", "b", 20) + people("one", "c", 500)
    # Five more in the small one: nothing is small any more, and b is as it was.
    second = people("one", "a", 8) + people("one", "b", 20) + people("one", "c", 500)
    home = tmp_path / "home"
    (home / "releases" / "1").mkdir(parents=True)
    old = write_small(tmp_path / "old.duckdb", first)
    new = write_small(home / "warehouse.duckdb", second)
    (home / "old").mkdir()
    before = publish(old, home / "releases" / "1").files[1]
    (tmp_path / "withheld").rename(home / "withheld")

    careless = publish(new, tmp_path / "careless").files[1]
    assert suppressed(careless) == set()
    assert attack(new, before, careless, truth=[old, new]).exact > 0

    careful = publish(new, home / "exports", earlier=[before]).files[1]
    assert attack(new, before, careful, truth=[old, new]).findings == ()


def test_without_its_memory_the_house_withholds_what_it_withheld(tmp_path: Path) -> None:
    first = people("one", "a", 3) + people("one", "b", 20) + people("one", "c", 500)
    second = people("one", "a", 8) + people("one", "b", 20) + people("one", "c", 500)
    old = write_small(tmp_path / "old.duckdb", first)
    new = write_small(tmp_path / "new.duckdb", second)
    before = publish(old, tmp_path / "before").files[1]
    for file in (tmp_path / "withheld").iterdir():
        file.unlink()
    after = publish(new, tmp_path / "after", earlier=[before]).files[1]
    assert attack(new, before, after, truth=[old, new]).findings == ()


def test_the_same_publication_again_is_the_same_bytes(tmp_path: Path) -> None:
    table = people("one", "a", 3) + people("one", "b", 20) + people("two", "c", 50)
    warehouse = write_small(tmp_path / "small.duckdb", table)
    first = publish(warehouse, tmp_path / "first").files
    second = publish(warehouse, tmp_path / "second", earlier=[first[1]]).files
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]
