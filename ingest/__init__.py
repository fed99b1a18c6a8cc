"""Receiving: contract, read, check, pseudonymise, commit to the lake, receipt.

This room turns a dropped file into one immutable Parquet file of accepted rows, one of
quarantined rows, one line in the append-only ledger and one receipt. It knows the contracts
and the lake. It must not know dbt, Airflow or Great Expectations, nor who calls it.
"""
