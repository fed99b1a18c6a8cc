"""The former place of the deadline's callback, for one version: Airflow's database remembers it."""

from vuosikello.orchestration.window_tasks import deadline_passed

__all__ = ["deadline_passed"]
