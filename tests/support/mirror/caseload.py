"""Theme 1, caseload: its indicators in plain Python, and the rows that they are counted over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from tests.support.mirror.counting import Indicator, Row
from tests.support.mirror.days import age_group, in_force, yes_or_no
from tests.support.mirror.engine import Mirror, Theme
from tests.support.mirror.kinds import matching, people, total

LIMIT = 35
BANDS = {"0-19": range(20), "20-39": range(20, 40), "40-59": range(40, 60)}


def band(clients: int) -> str:
    """Name the band that a number of clients falls in."""
    return next((name for name, band in BANDS.items() if clients in band), "60+")


INDICATORS: dict[str, Indicator] = {
    "caseload.open_clients": Indicator(
        "clients",
        lambda t: len(t["relationships"]),
        lambda t: len(t["relationships"]),
        persons=lambda t: people(t["relationships"]),
        numerator_people=lambda t: people(t["relationships"]),
        breakdowns=("intensity", "age_group", "sex"),
    ),
    "caseload.clients_per_worker": Indicator(
        "assignments",
        lambda t: len(t["pairs"]),
        lambda t: total(t["pairs"], "assignments"),
        lambda t: len(t["workers"]),
        lambda t: people(t["workers"]),
        lambda t: people(t["pairs"]),
        breakdowns=("profession",),
    ),
    "caseload.clients_per_fte": Indicator(
        "assignments",
        lambda t: len(t["pairs"]),
        lambda t: total(t["pairs"], "assignments"),
        lambda t: total(t["workers"], "fte"),
        lambda t: people(t["workers"]),
        lambda t: people(t["pairs"]),
        breakdowns=("profession",),
    ),
    "caseload.intensive_per_worker": Indicator(
        "assignments",
        lambda t: len(matching(t["pairs"], intensity="intensive")),
        lambda t: total(matching(t["pairs"], intensity="intensive"), "assignments"),
        lambda t: len(t["workers"]),
        lambda t: people(t["workers"]),
        lambda t: people(matching(t["pairs"], intensity="intensive")),
        breakdowns=("profession",),
    ),
    "caseload.workers_within_limit": Indicator(
        "assignments",
        lambda t: sum(worker["intensive"] <= LIMIT for worker in t["workers"]),
        lambda t: total(t["workers"], "intensive_assignments"),
        lambda t: len(t["workers"]),
        lambda t: people(t["workers"]),
        lambda t: {w["person"] for w in t["workers"] if w["intensive"] <= LIMIT},
        lambda t: {w["person"] for w in t["workers"] if w["intensive"] > LIMIT},
        breakdowns=("profession",),
    ),
    "caseload.workers_by_band": Indicator(
        "assignments",
        lambda t: len(t["workers"]),
        lambda t: total(t["workers"], "assignments"),
        lambda t: len(t["workers"]),
        lambda t: people(t["workers"]),
        lambda t: people(t["workers"]),
        lambda t: people(t["workers"]),
        breakdowns=("band",),
        only=True,
    ),
    "caseload.intensive_share": Indicator(
        "clients",
        lambda t: len(matching(t["relationships"], intensity="intensive")),
        lambda t: len(t["relationships"]),
        lambda t: len(t["relationships"]),
        lambda t: people(t["relationships"]),
        lambda t: people(matching(t["relationships"], intensity="intensive")),
        lambda t: {r["person"] for r in t["relationships"] if r["intensity"] != "intensive"},
        breakdowns=("age_group", "sex"),
    ),
    "caseload.responsible_worker": Indicator(
        "assignments",
        lambda t: sum(r["assignments"] > 0 for r in t["relationships"]),
        lambda t: total(t["relationships"], "assignments"),
        lambda t: len(t["relationships"]),
        lambda t: people(t["relationships"]),
        lambda t: people(t["relationships"], "assignments"),
        lambda t: people(matching(t["relationships"], assignments=0)),
        breakdowns=("special_support",),
    ),
    "caseload.special_support_social_worker": Indicator(
        "assignments",
        lambda t: len(matching(t["relationships"], special_support="yes", social_worker=True)),
        lambda t: total(matching(t["relationships"], special_support="yes"), "assignments"),
        lambda t: len(matching(t["relationships"], special_support="yes")),
        lambda t: people(matching(t["relationships"], special_support="yes")),
        lambda t: people(matching(t["relationships"], special_support="yes", social_worker=True)),
        lambda t: people(matching(t["relationships"], special_support="yes", social_worker=False)),
    ),
    "caseload.special_support_share": Indicator(
        "clients",
        lambda t: len(matching(t["relationships"], special_support="yes")),
        lambda t: len(t["relationships"]),
        lambda t: len(t["relationships"]),
        lambda t: people(t["relationships"]),
        lambda t: people(matching(t["relationships"], special_support="yes")),
        lambda t: people(matching(t["relationships"], special_support="no")),
        breakdowns=("age_group", "sex"),
    ),
}


def rows(marts: Mirror, period: Row) -> dict[str, list[Row]]:
    """The state on the last day of a period."""
    day: date = period["last_day"]
    workers = _carrying_workers(marts, day)
    pairs = _pairs(marts, day, workers)
    return {
        "workers": _workers(workers, pairs),
        "pairs": pairs,
        "relationships": _relationships(marts, day, pairs),
    }


def _carrying_workers(marts: Mirror, day: date) -> dict[tuple[str, str], Row]:
    """The workers whose post begun last carries clients, with the fte of all that carry."""
    found = {}
    for key in marts.workers:
        posts = [post for post in marts.posts(*key, day) if in_force(post, day)]
        carrying = [post for post in posts if post["profession"] in marts.carrying]
        if posts and posts[-1] in carrying:
            found[key] = posts[-1] | {"fte": total(carrying, "fte")}
    return found


def _pairs(marts: Mirror, day: date, workers: Mapping[tuple[str, str], Row]) -> list[Row]:
    clients = {(row["organisation"], row["client_id"]): row for row in marts.clients_of(day)}
    joined: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in marts.tables["fct_assignment"]:
        if (
            in_force(row, day)
            and (row["organisation"], row["client_id"]) in clients
            and (row["organisation"], row["worker_id"]) in workers
        ):
            joined[row["organisation"], row["client_id"], row["worker_id"]] += 1
    return [
        {
            "organisation": organisation,
            "client_id": client_id,
            "worker_id": worker_id,
            "person": clients[organisation, client_id]["person_id"],
            "intensity": clients[organisation, client_id]["intensity"],
            "municipality": workers[organisation, worker_id]["municipality"],
            "team": workers[organisation, worker_id]["team"],
            "profession": workers[organisation, worker_id]["profession"],
            "assignments": assignments,
        }
        for (organisation, client_id, worker_id), assignments in joined.items()
    ]


def _workers(workers: Mapping[tuple[str, str], Row], pairs: list[Row]) -> list[Row]:
    of_worker: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for pair in pairs:
        of_worker[pair["organisation"], pair["worker_id"]].append(pair)
    return [
        {
            "organisation": key[0],
            "municipality": post["municipality"],
            "team": post["team"],
            "person": key,
            "profession": post["profession"],
            "fte": post["fte"],
            "band": band(len(of_worker[key])),
            "assignments": total(of_worker[key], "assignments"),
            "intensive": len(matching(of_worker[key], intensity="intensive")),
            "intensive_assignments": total(
                matching(of_worker[key], intensity="intensive"), "assignments"
            ),
        }
        for key, post in workers.items()
    ]


def _relationships(marts: Mirror, day: date, pairs: list[Row]) -> list[Row]:
    of_client: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for pair in pairs:
        of_client[pair["organisation"], pair["client_id"]].append(pair)
    return [
        {
            "organisation": client["organisation"],
            "municipality": client["municipality"],
            "team": client["team"],
            "person": client["person_id"],
            "intensity": client["intensity"],
            "special_support": yes_or_no(client["special_support"]),
            "age_group": age_group(client["birth_year"], day),
            "sex": client["sex"],
            "assignments": total(of_client[key], "assignments"),
            "social_worker": bool(matching(of_client[key], profession="social_worker")),
        }
        for client in marts.clients_of(day)
        for key in ((client["organisation"], client["client_id"]),)
    ]


THEME = Theme(INDICATORS, rows)
