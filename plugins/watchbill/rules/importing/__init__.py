"""Alarms and monitors of the clouds as rules of ours, with a report of what is whole, lossy or impossible."""
