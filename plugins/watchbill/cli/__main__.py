"""`python -m watchbill.cli`, where the package is on the path and not installed."""

from watchbill.cli import main

main()
