"""A dashboard that was read from one cloud -> one for the other, with a report of each widget."""
