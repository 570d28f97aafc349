"""`python -m sandbox serve | run | run-once | down`."""

import argparse
import signal
import sys
import threading

from sandbox.life import Life
from sandbox.server import Sandbox


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A small cloud on 127.0.0.1.")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("serve", help="serve until interrupted")
    command.add_argument("--port", type=int, default=0, help="CloudWatch, Datadog, Slack; 0: any free one")
    command.add_argument("--aws-port", type=int, default=0, help="SNS, SES, S3, STS; 0: any free one")
    command.add_argument("--host", default="127.0.0.1", help="another one lets others in")
    command.add_argument("--story", action="store_true", help="two weeks of history, then live metrics")
    commands.add_parser("run", help="PostgreSQL, the sandbox and Airflow, until interrupted")
    commands.add_parser("run-once", help="the same, checked, with a summary, and ended")
    commands.add_parser("down", help="end what an earlier run left behind")
    options = parser.parse_args(arguments)
    if options.command == "serve":
        serve(options)
        return 0
    from sandbox.stack import run

    return run.down() if options.command == "down" else run.run(once=options.command == "run-once")


def serve(options: argparse.Namespace) -> None:
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    with Sandbox(options.port, options.aws_port, host=options.host) as sandbox:
        life = Life(sandbox) if options.story else None
        if life:
            life.start()
        print(f"sandbox on {sandbox.url}, SNS/SES/S3/STS on {sandbox.aws_url}", flush=True)
        ended.wait()
        if life:
            life.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
