"""The folders of one installation: the only place that spells out a path of the home."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

# The layout that this program writes and reads; the file VERSION of a home names it.
LAYOUT = 2


@dataclass(frozen=True, slots=True)
class Home:
    """The places under an installation's home folder.

    Args:
        root: the home folder; it need not exist yet.
    """

    root: Path

    @property
    def version(self) -> Path:
        """The layout of the home, a number: what `vuosikello upgrade` takes it over to."""
        return self.root / "VERSION"

    @property
    def inbox(self) -> Path:
        """Where organisations drop files: ``<organisation>/<feed>/<period>….<ext>``."""
        return self.root / "inbox"

    @property
    def claims(self) -> Path:
        """Files taken from the inbox whose receiving has not finished, one folder each."""
        return self.root / "claims"

    @property
    def held(self) -> Path:
        """Submissions that were validated and wait for a person's decision, one folder each."""
        return self.root / "held"

    @property
    def accepted(self) -> Path:
        """Accepted rows: ``<feed>/<organisation>/<submission_id>.parquet``."""
        return self.root / "lake" / "accepted"

    @property
    def rejected(self) -> Path:
        """Quarantined rows: ``<feed>/<organisation>/<submission_id>.parquet``."""
        return self.root / "lake" / "rejected"

    @property
    def ledger(self) -> Path:
        """Append-only history: ``<YYYY-MM>.<writer>.jsonl``."""
        return self.root / "ledger"

    @property
    def arrival_numbers(self) -> Path:
        """The last number given to a submission, and how far the ledger was read for it."""
        return self.root / "ledger" / "arrival_numbers.json"

    @property
    def receipts(self) -> Path:
        """Receipts: ``<submission_id>.json``, ``.html`` and ``.errors.csv``."""
        return self.root / "receipts"

    @property
    def originals(self) -> Path:
        """Encrypted originals: ``<submission_id>.age``."""
        return self.root / "originals"

    @property
    def keys(self) -> Path:
        """Keys of the embedded set-up; in production they live elsewhere."""
        return self.root / "keys"

    @property
    def locks(self) -> Path:
        """Lock files; they hold nothing and may be deleted while nothing runs."""
        return self.root / "locks"

    @property
    def warehouse(self) -> Path:
        """The published warehouse."""
        return self.root / "warehouse.duckdb"

    @property
    def as_of(self) -> Path:
        """Warehouses as they were known at a moment, one folder each."""
        return self.root / "as_of"

    @property
    def published(self) -> Path:
        """What was published before: ``log.jsonl``, and values of which definitions changed."""
        return self.root / "published"

    @property
    def build(self) -> Path:
        """Where the writer builds the next warehouse, and what dbt keeps between builds."""
        return self.root / "build"

    @property
    def dbt_target(self) -> Path:
        """What dbt wrote at the last build: manifest, compiled SQL, parse results."""
        return self.build / "dbt" / "target"

    @property
    def exports(self) -> Path:
        """The indicators as files, after disclosure control."""
        return self.root / "exports"

    @property
    def exported_indicators(self) -> Path:
        """The indicators of the last export, as Parquet; the CSV file stands beside it."""
        return self.exports / "indicators.parquet"

    @property
    def withheld(self) -> Path:
        """What each publication withholds; it never leaves the house."""
        return self.root / "withheld"

    @property
    def releases(self) -> Path:
        """Releases, one folder each: ``<year>.<number>``."""
        return self.root / "releases"

    @property
    def internal_manifests(self) -> Path:
        """What each release was made from, ``<release>.json``; it never leaves the house."""
        return self.root / "releases_internal"

    @property
    def sign_offs(self) -> Path:
        """Sign-offs, ``<year>.jsonl``, with the readiness result that each was given on."""
        return self.root / "signoffs"

    @property
    def reminders(self) -> Path:
        """Reminders to submitters, one folder for each reporting year."""
        return self.root / "reminders"

    @property
    def alerts(self) -> Path:
        """Missed days of the annual clock: ``<year>.jsonl``."""
        return self.root / "alerts"

    @property
    def docs(self) -> Path:
        """The pages that explain feeds, indicators and warehouse."""
        return self.root / "docs"

    @property
    def validation(self) -> Path:
        """The validation pages, one folder for each suite."""
        return self.docs / "validation"

    @property
    def disclosure_reports(self) -> Path:
        """The officer's pages about disclosure control, one for each publication."""
        return self.docs / "disclosure"

    @property
    def logs(self) -> Path:
        """Tracebacks of unforeseen errors."""
        return self.root / "logs"

    @property
    def airflow(self) -> Path:
        """Airflow's own folder: metadata, logs, state of the components."""
        return self.root / "airflow"

    @property
    def airflow_logs(self) -> Path:
        """Logs of Airflow's components, of the steps of starting them, and of tasks."""
        return self.airflow / "logs"

    def create(self) -> Home:
        """Create the folders that receiving writes to, and return the home itself."""
        for folder in (
            self.inbox,
            self.claims,
            self.held,
            self.accepted,
            self.rejected,
            self.ledger,
            self.receipts,
            self.originals,
            self.locks,
        ):
            folder.mkdir(parents=True, exist_ok=True)
        return self
