"""What stands in a query's Expression: metric math, SEARCH, and Metrics Insights' SELECT."""
