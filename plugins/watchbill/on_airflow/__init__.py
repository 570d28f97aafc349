"""The only rooms that know Airflow: hooks, operators, the notifier, and what DAG files declare with."""
