"""What the DAGs wait for and announce.

An event of any of these assets says "go and look", never what there is to do: Airflow merges
events that arrive close together, so whoever is woken takes everything that waits.
"""

from __future__ import annotations

from airflow.sdk import Asset, AssetAlias, AssetWatcher

from ingest.contracts import CONTRACTS
from vuosikello.orchestration import tasks
from vuosikello.orchestration.inbox_trigger import InboxTrigger
from vuosikello.orchestration.withdrawal_trigger import WithdrawalTrigger

INBOX = Asset(
    name="inbox",
    uri="vuosikello://inbox",
    group="lake",
    watchers=[AssetWatcher(name="inbox_watcher", trigger=InboxTrigger(home=str(tasks.home())))],
)

FEEDS = {
    feed: Asset(name=f"feed_{feed}", uri=f"vuosikello://lake/{feed}", group="lake")
    for feed in sorted(path.stem for path in CONTRACTS.glob("*.yaml"))
}

RECEIVED = AssetAlias(name="received", group="lake")

HELD = Asset(name="held", uri="vuosikello://held", group="lake")

WITHDRAWN = Asset(
    name="withdrawn",
    uri="vuosikello://withdrawn",
    group="lake",
    watchers=[
        AssetWatcher(name="withdrawal_watcher", trigger=WithdrawalTrigger(home=str(tasks.home())))
    ],
)

WAREHOUSE = Asset(name="warehouse", uri="vuosikello://warehouse", group="warehouse")
