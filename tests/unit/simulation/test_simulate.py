"""What is asked for is made, the same again and again, and nothing that was not asked for."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from ingest.contracts import Column, Contract, Kind, Texts, codes, load_contract
from simulation import (
    Request,
    RequestProblem,
    SimulationProblem,
    columns_without_template,
    draws,
    simulate,
)
from simulation.faults import faults_of
from tests.support.places import ROOT
from tests.support.simulated import CONTRACTS, FEW, SMALL, TODAY, digests


def test_the_figures_are_those_of_the_files(tmp_path: Path) -> None:
    made = simulate(SMALL, tmp_path, today=TODAY, contracts=FEW)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert made.files == len(files) == len(made.made)
    assert made.size == sum(path.stat().st_size for path in files)
    for one in made.made:
        with one.path.open(encoding="utf-8") as file:
            assert one.rows == sum(1 for _ in file) - 1, one.path
    assert made.rows == sum(one.rows for one in made.made) == sum(made.feeds.values())
    assert made.bad_rows == sum(one.bad_rows for one in made.made)


@pytest.mark.parametrize("clients", [1, 3, 17])
def test_the_smallest_organisations_can_be_made(clients: int, tmp_path: Path) -> None:
    made = simulate(replace(SMALL, clients=clients, organisations=1), tmp_path, today=TODAY)
    assert set(made.feeds) >= {"clients", "workers", "outreach", "time_entries", "population"}


def test_the_organisations_are_the_first_in_force_on_the_last_day(tmp_path: Path) -> None:
    request = replace(SMALL, organisations=9, clients=1, last_year=2021)
    made = simulate(request, tmp_path, today=TODAY, contracts={"meetings": CONTRACTS["meetings"]})
    assert made.organisations == (
        "essote",
        "kainuun-sote",
        "jyvaskyla",
        "aanekoski",
        "laukaa",
        "saarikka",
        "soite",
        "rovaniemi",
        "tornio",
        "reference",
    )


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (replace(SMALL, organisations=24), r"24 organisations .* has 23 in force on 2024-12-31"),
        (replace(SMALL, organisations=10, last_year=2021), r"at most 9\b"),
        (replace(SMALL, last_year=2025), r"2025 has not ended.*--last-year 2024"),
        (replace(SMALL, years=41), r"at most 40"),
        (replace(SMALL, last_year=1969), r"none before 1970"),
        (replace(SMALL, errors=0.11), r"from 0 to 0.1"),
        (replace(SMALL, years=0), r"--years is 0"),
        (replace(SMALL, clients=9_000_000), r"only [\d,]+ are nobody's"),
    ],
    ids=lambda value: "" if isinstance(value, Request) else value[:20],
)
def test_what_cannot_be_made_is_said_and_nothing_is_written(
    request_: Request, said: str, tmp_path: Path
) -> None:
    with pytest.raises(RequestProblem, match=said):
        simulate(request_, tmp_path, today=TODAY)
    assert list(tmp_path.iterdir()) == []


def test_no_file_of_anybody_is_replaced(tmp_path: Path) -> None:
    mine = tmp_path / "hva-02" / "contacts" / "2024-01.csv"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine", encoding="utf-8")
    with pytest.raises(SimulationProblem, match="hva-02 already"):
        simulate(SMALL, tmp_path, today=TODAY)
    assert digests(tmp_path) == {"hva-02/contacts/2024-01.csv": hashlib.sha256(b"mine").hexdigest()}


def test_stopped_in_the_middle_it_leaves_whole_files_only(tmp_path: Path) -> None:
    def interrupt(done: int, total: int, what: str) -> None:
        assert 0 <= done < total
        if what.endswith("meetings/2024"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(SMALL, tmp_path, threads=1, today=TODAY, progress=interrupt, contracts=FEW)
    simulate(SMALL, tmp_path / "whole", today=TODAY, contracts=FEW)
    left = digests(tmp_path)
    whole = digests(tmp_path / "whole")
    assert left
    assert all(whole[name] == left[name] for name in left if not name.startswith("whole/"))


def test_every_column_of_every_contract_is_told_by_a_template() -> None:
    # A new column gets plain values by itself; this says that it could be described better, in
    # simulation/sql/feeds/<feed>.sql.
    assert {feed: columns for feed, columns in columns_without_template().items() if columns} == {}


def test_every_template_is_of_a_feed() -> None:
    names = {path.name.split(".")[0] for path in (draws.FOLDER / "feeds").iterdir()}
    assert names == set(CONTRACTS)


def test_every_row_rule_of_every_contract_can_be_broken() -> None:
    for feed, contract in CONTRACTS.items():
        broken = {fault.rule for fault in faults_of(contract, "DATE '2024-01-01'", as_text=True)}
        assert {rule.id for rule in contract.rules} <= broken, feed


def test_a_weight_of_a_code_that_the_list_does_not_have_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    weights = tmp_path / "weights.yaml"
    weights.write_text("intensity: {intensive: 1, gone: 2}\n", encoding="utf-8")
    monkeypatch.setattr(draws, "WEIGHTS", weights)
    draws.weights.cache_clear()
    try:
        with pytest.raises(SimulationProblem, match="intensity has no code gone"):
            draws.weights()
    finally:
        draws.weights.cache_clear()


def column(name: str, kind: Kind, **values: object) -> Column:
    text = Texts("", "", "")
    options: dict[str, object] = {"required": True, "key": False, "label": text}
    return Column(name, kind, description=text, **(options | values))  # type: ignore[arg-type]


def test_a_new_column_of_any_kind_gets_values_that_its_contract_accepts(tmp_path: Path) -> None:
    news = (
        column("asked_on", Kind.DATE),
        column("is_new", Kind.BOOLEAN, required=False),
        column("grade", Kind.INTEGER, minimum=3, maximum=7),
        column("weight", Kind.NUMBER, minimum=0, maximum=1),
        column("topic_of_it", Kind.CODE, code_list="topic"),
        column("all_topics", Kind.CODES, code_list="topic"),
        column("their_client", Kind.TEXT, references="clients.client_id"),
        column("note_no", Kind.TEXT),
        column("their_worker", Kind.WORKER),
        column("their_person", Kind.PERSON),
    )
    changed = {
        feed: replace(CONTRACTS[feed], columns=(*CONTRACTS[feed].columns, *news))
        for feed in ("meetings", "contacts")
    }
    simulate(replace(SMALL, errors=0), tmp_path, today=TODAY, contracts={**CONTRACTS, **changed})
    for feed in changed:
        with duckdb.connect() as connection:
            rows = f"read_csv('{tmp_path}/*/{feed}/*.csv', all_varchar = true)"
            topics = codes("topic")
            assert connection.execute(
                f"""
                select
                    count(*) > 20
                    and bool_and(asked_on::date between '2024-01-01' and '2024-12-31')
                    and count(*) filter (is_new is null) > 0
                    and bool_and(is_new in ('true', 'false'))
                    and min(grade::int) = 3 and max(grade::int) = 7
                    and bool_and(weight::double between 0 and 1)
                    and bool_and(topic_of_it in {topics})
                    and bool_and(list_has_all({list(topics)}, string_split(all_topics, '|')))
                    and bool_and(note_no is not null and their_person is not null)
                from {rows}
                """
            ).fetchone() == (True,), feed
            known = f"read_csv('{tmp_path}/*/%s/*.csv', all_varchar = true)"
            assert connection.execute(
                f"select count(*) from {rows} anti join {known % 'clients'} as clients "
                "on their_client = clients.client_id"
            ).fetchone() == (0,), feed


def test_a_new_feed_gets_plain_rows_that_keep_its_rules(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "how_to" / "add_a_feed.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^`([^`\n]+)`\n\n```\w+\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    path = tmp_path / "guidance_calls.yaml"
    path.write_text(shown["ingest/contracts/guidance_calls.yaml"], encoding="utf-8")
    contract: Contract = load_contract(path)
    folder = tmp_path / "made"
    made = simulate(
        replace(SMALL, errors=0),
        folder,
        today=TODAY,
        contracts={contract.feed: contract},
    )
    assert made.feeds[contract.feed] >= 60
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select * from read_csv('{folder}/*/{contract.feed}/2024.csv', sample_size = -1)"
        )
        assert [name for name, *_ in rows.description or []] == [
            one.name for one in contract.columns
        ]
        for rule in contract.rules:
            broken = connection.execute(
                f"select count(*) from read_csv('{folder}/*/{contract.feed}/2024.csv') "
                f"where ({rule.holds}) is false"
            ).fetchone()
            assert broken == (0,), rule.id


def test_a_template_with_a_column_that_the_contract_has_no_more_is_said(tmp_path: Path) -> None:
    fewer = tuple(one for one in CONTRACTS["meetings"].columns if one.name != "body")
    changed = {**FEW, "meetings": replace(CONTRACTS["meetings"], columns=fewer)}
    with pytest.raises(SimulationProblem, match=r"meetings\.sql .* body\. Remove"):
        simulate(SMALL, tmp_path, today=TODAY, contracts=changed)
