"""Dashboards as the clouds keep them, over the vendors' own clients."""
