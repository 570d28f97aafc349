"""Airflow connections -> the vendors' own clients. Retries that could send twice are switched off."""
