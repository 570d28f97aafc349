"""What Watchbill costs, as ratios against named baselines of the same run. docs/benchmarks.md says how to read it."""
