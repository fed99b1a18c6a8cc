"""Theme 5, outcomes: its indicators in plain Python, and the rows that they are counted over."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from tests.support.mirror.counting import Indicator, Row
from tests.support.mirror.days import is_in
from tests.support.mirror.engine import Mirror, Theme
from tests.support.mirror.kinds import count, division, mean, people, share, total

# So many contacts with a method make it one that a change goes together with.
CONTACTS_OF_A_METHOD = 3
INSTRUMENTS = ("instrument", "wave", "instrument_wave")


def participants(groups: Iterable[Row]) -> set[Any]:
    """Name everyone who takes part, each in one group."""
    return {
        (row["organisation"], row["group_id"], nth)
        for row in groups
        for nth in range(row["participants"])
    }


INDICATORS: dict[str, Indicator] = {
    "outcome.measurements": count("measurements", "measurements", INSTRUMENTS),
    "outcome.forms_returned": count(
        "measurements",
        "measurements",
        INSTRUMENTS,
        lambda row: row["is_form_returned"] and not row["is_form_blank"],
    ),
    "outcome.followed_up": Indicator(
        "measurements",
        lambda t: len({row["relationship"] for row in t["starts"] if row["followed"]}),
        lambda t: len(t["starts"]),
        lambda t: len({row["relationship"] for row in t["starts"]}),
        lambda t: people(t["starts"]),
        lambda t: people(t["starts"], "followed"),
        lambda t: {
            row["person"]
            for row in t["starts"]
            if not any(
                other["followed"]
                for other in t["starts"]
                if other["relationship"] == row["relationship"]
            )
        },
        breakdowns=("instrument",),
    ),
    "outcome.mean_change": mean(
        "measurements",
        "pairs_of_scores",
        "change",
        lambda rows: 2 * len(rows),
        ("instrument_domain",),
        each=True,
    ),
    "outcome.improved_share": share(
        "measurements",
        "pairs_of_scores",
        lambda row: row["change"] > 0,
        events=lambda row: 2,
        breakdowns=("instrument_domain",),
        each=True,
    ),
    "outcome.change_by_method": mean(
        "measurements",
        "pairs_by_method",
        "change",
        lambda rows: 2 * len(rows),
        ("method_instrument_domain",),
        each=True,
    ),
    "outcome.client_feedback": mean(
        "client_feedback",
        "feedback",
        "score",
        len,
        ("question",),
    ),
    "outcome.inclusion_mean": mean(
        "group_responses",
        "answers",
        "score",
        lambda rows: len({(row["organisation"], row["response_id"]) for row in rows}),
        ("phase", "statement_phase"),
    ),
    "outcome.group_participants": Indicator(
        "groups",
        lambda t: total(t["groups"], "participants"),
        lambda t: len(t["groups"]),
        persons=lambda t: participants(t["groups"]),
        numerator_people=lambda t: participants(t["groups"]),
        breakdowns=("method",),
    ),
    "outcome.group_sessions": Indicator(
        "groups",
        lambda t: total(t["groups"], "sessions"),
        lambda t: len(t["groups"]),
        persons=lambda t: participants(t["groups"]),
        numerator_people=lambda t: participants(g for g in t["groups"] if g["sessions"]),
        breakdowns=("method",),
    ),
    "outcome.method_share": division("contacts", "contacts", "method"),
}


def rows(marts: Mirror, period: Row) -> dict[str, list[Row]]:
    """The rows of theme 5 in a year."""
    measurements = [
        marts.of_client(row, row["measured_on"])
        | {"instrument_wave": f"{row['instrument']}:{row['measurement_no']}"}
        for row in marts.tables["fct_measurement"]
    ]
    measured = [row for row in measurements if is_in(row["measured_on"], period)]
    known = {(row["organisation"], row["measurement_id"]): row for row in measurements}
    groups = {(row["organisation"], row["group_id"]): row for row in marts.tables["dim_group"]}
    pairs = _pairs_of_scores(marts, period, known)
    return {
        "measurements": measured,
        "starts": _starts(measured, measurements),
        "pairs_of_scores": pairs,
        "pairs_by_method": _pairs_by_method(marts, pairs),
        "feedback": _feedback(marts, period, known),
        "answers": _group_answers(marts, period, groups),
        "groups": [row for row in groups.values() if is_in(row["started_on"], period)],
    }


def _starts(measured: list[Row], measurements: list[Row]) -> list[Row]:
    """Start measurements of a year, each where the client was on the relationship's first."""
    starts = [row for row in measured if row["wave"] == "start"]
    starts.sort(key=lambda row: (row["measured_on"], row["measurement_id"]))
    first: dict[Any, Row] = {}
    for row in starts:
        first.setdefault(row["relationship"], row)
    return [
        row
        | {name: first[row["relationship"]][name] for name in ("municipality", "team")}
        | {
            "followed": any(
                other["wave"] != "start" and other["measured_on"] > row["measured_on"]
                for other in measurements
                if other["relationship"] == row["relationship"]
                and other["instrument"] == row["instrument"]
            )
        }
        for row in starts
    ]


def _pairs_by_method(marts: Mirror, pairs: list[Row]) -> list[Row]:
    """Each pair once for each method of three or more contacts between its measurements."""
    found = []
    for pair in pairs:
        methods = Counter(
            row["method"]
            for row in marts.contacts.get(pair["relationship"], [])
            if row["method"] and pair["first_on"] <= row["occurred_on"] <= pair["measured_on"]
        )
        found += [
            pair | {"method_instrument_domain": f"{method}:{pair['instrument_domain']}"}
            for method, times in methods.items()
            if times >= CONTACTS_OF_A_METHOD
        ]
    return found


def _pairs_of_scores(marts: Mirror, period: Row, known: Mapping[tuple[str, str], Row]) -> list[Row]:
    scored: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in marts.tables["fct_measurement_score"]:
        measurement = known.get((row["organisation"], row["measurement_id"]))
        if measurement:
            scored[measurement["relationship"], measurement["instrument"], row["domain"]].append(
                measurement | {"score": row["score"]}
            )
    pairs = []
    for (_, instrument, domain), rows in scored.items():
        rows.sort(key=lambda row: (row["measured_on"], row["measurement_id"]))
        first = next((row for row in rows if row["wave"] == "start"), None)
        later = [
            row for row in rows if row["wave"] != "start" and is_in(row["measured_on"], period)
        ]
        if first and later and later[-1]["measured_on"] > first["measured_on"]:
            change = {
                "instrument_domain": f"{instrument}:{domain}",
                "first_on": first["measured_on"],
                "change": later[-1]["score"] - first["score"],
            }
            pairs.append(later[-1] | change)
    return pairs


def _feedback(marts: Mirror, period: Row, known: Mapping[tuple[str, str], Row]) -> list[Row]:
    """Answers with the person behind them; of forms without a client, the n-th of each kind."""
    rows = [row for row in marts.tables["fct_client_feedback"] if is_in(row["answered_on"], period)]
    nameless: dict[tuple[str, str], list[str]] = defaultdict(list)
    found = []
    for row in sorted(rows, key=lambda row: str(row["feedback_id"])):
        measurement = known.get((row["organisation"], row["measurement_id"]))
        forms = nameless[row["organisation"], marts.forms[row["question"]]]
        if not measurement and row["feedback_id"] not in forms:
            forms.append(row["feedback_id"])
        found.append(
            row
            | {
                "municipality": None,
                "person": measurement["person"]
                if measurement
                else (row["organisation"], forms.index(row["feedback_id"])),
            }
        )
    return found


def _group_answers(marts: Mirror, period: Row, groups: Mapping[tuple[str, str], Row]) -> list[Row]:
    """Answers with the person behind them: the n-th form of the start and of the end are one's."""
    forms: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in marts.tables["fct_group_answer"]:
        forms[row["organisation"], row["group_id"], row["phase"]].add(row["response_id"])
    found = []
    for row in marts.tables["fct_group_answer"]:
        if not is_in(row["answered_on"], period):
            continue
        place = (row["organisation"], row["group_id"])
        nth = sorted(forms[*place, row["phase"]]).index(row["response_id"])
        found.append(
            row
            | {
                "municipality": groups[place]["municipality"] if place in groups else None,
                "person": (*place, nth),
                "statement_phase": f"{row['statement']}:{row['phase']}",
                "score": 6 - row["answer"] if row["statement"] == "s05" else row["answer"],
            }
        )
    return found


THEME = Theme(INDICATORS, rows)
