"""The verbs that join the rooms. Each leaves one structured event; none knows Airflow."""
