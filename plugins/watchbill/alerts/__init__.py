"""What becomes of a verdict: routing, inhibition, grouping, and the ledger that remembers it all."""
