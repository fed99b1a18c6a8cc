"""The former place of the inbox trigger, for one version: Airflow's database may remember it."""

from vuosikello.orchestration.inbox_trigger import InboxTrigger

__all__ = ["InboxTrigger"]
