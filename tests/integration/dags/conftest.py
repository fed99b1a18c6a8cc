"""Airflow's settings, for the tests of this folder."""

from tests.support.airflow_settings import airflow_home, airflow_settings

__all__ = ["airflow_home", "airflow_settings"]
