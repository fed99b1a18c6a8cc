"""The reminders: for whom there are any, and what they say in three languages."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from common.formats import LANGUAGES
from expectations.readiness_summary import readiness_summary_of
from expectations.results import Failure, Severity
from ingest import held as held_submissions
from tests.support.signed_home import failure, judge, publish_warehouse
from vuosikello.reporting.reminders import (
    WORDS,
    ReminderProblem,
    last_readiness,
    reminder_text,
    write_reminders,
)

RECEIPT = "01JZZZZZZZZZZZZZZZZZZZZZZZ"
FAILURES = {
    "submitted.contacts": failure(),
    "covered.contacts": failure("covered.contacts", period="2026-01 – 2026-03", observed=3),
    "refused.plans": failure(
        "refused.plans", feed="plans", period="2026-05", observed="refused",
        submission_id=RECEIPT, received_on="2026-11-20",
    ),
    "rejects.plans": failure(
        "rejects.plans", feed="plans", period="2026-06", observed=7.25,
        submission_id=RECEIPT, rows_rejected=1450, total=20000,
    ),
    "unplaced": failure(
        "unplaced", feed=None, period=None, observed="refused",
        submission_id=RECEIPT, received_on="2026-11-20",
    ),
    "volume.contacts": failure(
        "volume.contacts", observed=0.375, rows_read=1500, rows_before=4000,
        months=12, months_before=12,
    ),
    "references.contacts.client_id": failure(
        "references.contacts.client_id", observed=12, total=100, column_name="client_id",
        referred_feed="clients", has_referred_feed=True,
    ),
    "responsible_workers": failure(
        "responsible_workers", feed="assignments", observed=80.0, assigned=80, relationships=100
    ),
    "survey_response": failure(
        "survey_response", feed="worker_survey", observed=30.0, answers=6, sent_to=20
    ),
    "survey_round": failure("survey_round", feed="survey_rounds", observed=6),
}  # fmt: skip
SAID = {
    "fi": {
        "submitted.contacts": "Asiakaskontaktit (contacts): vuodelta 2026 ei ole tullut mitään. Toimittakaa inbox/hva-20/contacts/2026.csv.",
        "covered.contacts": "puuttuvat kuukaudet 2026-01 – 2026-03",
        "refused.plans": "Asiakassuunnitelmat (plans), ajanjakso 2026-05: 20.11.2026 tullutta tiedostoa ei otettu vastaan",
        "rejects.plans": "1\u00a0450 riviä 20\u00a0000 rivistä hylättiin (7,25 %)",
        "unplaced": "ei ollut oikeassa paikassa",
        "volume.contacts": "Kuukautta kohti määrä on 0,38-kertainen",
        "references.contacts.client_id": "12 riviä 100 rivistä viittaa (client_id) johonkin, mitä aineistossa Asiakkuudet (clients) ei ole",
        "responsible_workers": "80 / 100 (80 %) on nimetty omatyöntekijä",
        "survey_response": "vastauksia on 6, kysely lähetettiin 20 työntekijälle (30 %)",
        "survey_round": "ei tietoa siitä, monelleko se lähetettiin",
    },
    "sv": {
        "submitted.contacts": "Klientkontakter (contacts): ingenting har kommit för 2026. Lämna inbox/hva-20/contacts/2026.csv.",
        "covered.contacts": "månaderna 2026-01 – 2026-03 saknas",
        "refused.plans": "filen som kom den 20.11.2026 togs inte emot",
        "rejects.plans": "1\u00a0450 av 20\u00a0000 rader avvisades (7,25 %)",
        "unplaced": "låg inte på rätt plats",
        "volume.contacts": "0,38 gånger så många per månad",
        "references.contacts.client_id": "12 av 100 rader hänvisar (client_id)",
        "responsible_workers": "80 av 100 öppna klientrelationer (80 %) en egen kontaktperson",
        "survey_response": "6 svar, enkäten sändes till 20 arbetstagare (30 %)",
        "survey_round": "ingen uppgift om hur många den sändes till",
    },
    "en": {
        "submitted.contacts": "Client contacts (contacts): nothing has come for 2026. Submit inbox/hva-20/contacts/2026.csv.",
        "covered.contacts": "the months 2026-01 – 2026-03 are missing",
        "refused.plans": "the file received on 20 November 2026 was not accepted",
        "rejects.plans": "1,450 of 20,000 rows were rejected (7.25 %)",
        "unplaced": "did not lie in its place",
        "volume.contacts": "0.38 times as many a month",
        "references.contacts.client_id": "12 of 100 rows refer (client_id)",
        "responsible_workers": "80 of 100 open client relationships (80 %) have a responsible worker",
        "survey_response": "6 answers, and the survey was sent to 20 workers (30 %)",
        "survey_round": "nothing tells to how many it was sent",
    },
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    publish_warehouse(tmp_path)
    return tmp_path


def text(home: Path, language: str, *failures: Failure, on: date = date(2026, 12, 1)) -> str:
    result = judge(home, *failures, on=on)
    (summary,) = readiness_summary_of(result).to_mend
    return reminder_text(summary, result, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("expectation", FAILURES)
def test_a_reminder_says_what_to_mend_and_how(expectation: str, language: str, home: Path) -> None:
    reported = text(home, language, FAILURES[expectation])
    assert SAID[language][expectation] in reported
    if "submission_id" in FAILURES[expectation].details:
        assert f"receipts/{RECEIPT}.html" in reported
    assert "inbox/hva-20/" in reported
    assert "receipts/" in reported
    # No name of a field, no word of the code and no empty value is left in it.
    assert not re.search(r"\{|\}|None|\bnan\b", reported)


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("fi", "Aihe: Vuoden 2026 tiedoissa on täydennettävää: Kainuun hyvinvointialue"),
        ("sv", "Ärende: Uppgifterna för 2026 behöver kompletteras: Kajanalands välfärdsområde"),
        ("en", "Subject: The data of 2026 need completing: Kainuu wellbeing services county"),
    ],
)
def test_a_reminder_begins_with_its_subject(language: str, subject: str, home: Path) -> None:
    assert text(home, language, *FAILURES.values()).split("\n")[0:2] == [subject, ""]


@pytest.mark.parametrize(
    ("on", "failed", "fi", "sv", "en"),
    [
        (date(2026, 12, 1), "submitted.contacts", "Määräpäivä on 31.1.2027, siihen on 61 päivää.", "Sista dagen är 31.1.2027, om 61 dagar.", "It is due on 31 January 2027, in 61 days."),
        (date(2027, 1, 31), "submitted.contacts", "Määräpäivä on 31.1.2027.", "Sista dagen är 31.1.2027.", "It is due on 31 January 2027."),
        (date(2027, 2, 1), "submitted.contacts", "Määräpäivä oli eilen", "Sista dagen var i går", "It was due yesterday"),
        (date(2027, 2, 3), "submitted.contacts", "tiedot ovat 3 päivää myöhässä", "uppgifterna är 3 dagar försenade", "the data are 3 days late"),
        (date(2027, 2, 3), "volume.contacts", "Määräpäivä oli 31.1.2027. Vastatkaa heti", "Svara genast", "Answer at once"),
    ],
)  # fmt: skip
def test_a_reminder_says_until_when(
    on: date, failed: str, fi: str, sv: str, en: str, home: Path
) -> None:
    for language, said in zip(LANGUAGES, (fi, sv, en), strict=True):
        assert said in text(home, language, FAILURES[failed], on=on)


def test_whoever_has_something_to_mend_has_a_reminder_and_nobody_else(home: Path) -> None:
    first = judge(
        home,
        failure(),
        failure(organisation="hva-21"),
        failure("unplaced", None, None, None, severity=Severity.WARNING, submission_id=RECEIPT),
        failure("late.plans", "hva-01", "plans", severity=Severity.INFO),
        failure("values.key", "country:FI", "outreach"),
        on=date(2026, 12, 1),
    )
    reported = write_reminders(home, first)
    assert {one.organisation for one in reported.reminders} == {"hva-20", "hva-21"}
    assert reported.goes_today
    names = {f"{code}.{lang}.txt" for code in ("hva-20", "hva-21") for lang in LANGUAGES}
    folder = home / "reminders" / "2026"
    assert {path.name for path in folder.iterdir()} == {*names, "index.html"}
    page = reported.index.read_text(encoding="utf-8")
    assert all(f'href="{name}"' in page for name in names)
    assert "Reminders go today" in page

    reported = write_reminders(home, judge(home, failure(), on=date(2026, 12, 2)))
    assert not reported.goes_today
    assert reported.next_day == date(2026, 12, 15)
    assert not (folder / "hva-21.fi.txt").exists()
    assert [path.name for path in folder.parent.iterdir()] == ["2026"]


def test_what_was_held_on_arrival_is_not_asked_for(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = [
        SimpleNamespace(organisation="hva-20", feed="contacts", period="2026-05"),
        SimpleNamespace(organisation="hva-21", feed="contacts", period="2025"),
    ]
    monkeypatch.setattr(held_submissions, "waiting", lambda _home: held)
    result = judge(
        home,
        failure("covered.contacts", period="2026-05"),
        failure("refused.contacts", period="2026-06", submission_id=RECEIPT),
        failure("submitted.contacts", "hva-21"),
    )
    reported = {one.organisation: one.points for one in write_reminders(home, result).reminders}
    assert reported == {"hva-20": 1, "hva-21": 1}


def test_nothing_to_mend_leaves_a_page_that_says_so(home: Path) -> None:
    reported = write_reminders(home, judge(home))
    assert reported.reminders == []
    assert "Nobody has anything to mend." in reported.index.read_text(encoding="utf-8")


def test_reminders_are_of_the_year_that_was_judged(home: Path) -> None:
    with pytest.raises(ReminderProblem, match="validate --suite readiness --year 2026"):
        last_readiness(home, 2026)
    judge(home, year=2025)
    with pytest.raises(ReminderProblem, match="another year's has since"):
        last_readiness(home, 2026)
    assert last_readiness(home, 2025).year == 2025


def test_the_languages_say_the_same_things() -> None:
    words = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    assert tuple(words) == LANGUAGES
    for part in ("letter", "sections", "points"):
        for name, in_finnish in words["fi"][part].items():
            for language in LANGUAGES:
                fields = set(re.findall(r"\{(\w+)\}", words[language][part][name]))
                assert fields == set(re.findall(r"\{(\w+)\}", in_finnish)), (language, name)
        assert len({frozenset(words[language][part]) for language in LANGUAGES}) == 1
