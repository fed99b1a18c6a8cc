"""What the tasks of the DAGs call, and Airflow on this machine."""
