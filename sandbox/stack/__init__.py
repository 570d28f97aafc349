"""`make run`: PostgreSQL, the small cloud and Airflow on this machine, and what they did."""
