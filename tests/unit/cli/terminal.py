"""The command as people run it: a process of its own, its words and its exit code."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


def watchbill(*words: object, cwd: Path, stdin: str = "", **environ: str) -> Said:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("WATCHBILL", "AIRFLOW"))}
    done = subprocess.run([sys.executable, "-m", "watchbill.cli", *map(str, words)], cwd=cwd, input=stdin,
                          capture_output=True, text=True, timeout=60, check=False,
                          env=plain | {"PYTHONPATH": str(ROOT / "plugins"), "COLUMNS": "100"} | environ)
    return Said(done.returncode, done.stdout, done.stderr)
