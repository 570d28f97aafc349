"""`python -m benchmarks`, or `make bench`: measures, and prints a table or JSON."""

import argparse
import sys
from subprocess import CalledProcessError, TimeoutExpired

from benchmarks.catalogue import BENCHMARKS
from benchmarks.run import Incomparable, Row, run


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="JSON rather than a table")
    parser.add_argument("--runs", type=int, default=3, help="of each side; medians are taken of them")
    parser.add_argument("--tiny", action="store_true", help="only see that it works: the figures mean nothing")
    parser.add_argument("--only", action="append", choices=list(BENCHMARKS), help="may be given more than once")
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    try:
        for name in options.only or BENCHMARKS:
            rows += run(BENCHMARKS[name], runs=options.runs, tiny=options.tiny,
                        tell=lambda line: print(line, file=sys.stderr, flush=True))
    except (Incomparable, CalledProcessError, TimeoutExpired) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    # Late, because a process that is started has its starter's size for its first peak.
    from benchmarks import report

    print(report.as_json(rows)) if options.json else report.show(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
