"""What answers took and gave back is there for the next ones."""

import platform
import subprocess
import sys

import pytest

_TURNS = """
import resource, sys
from watchbill.sources.memory import keep_freed
if sys.argv[1] == "keep":
    keep_freed()
    keep_freed()
before = 0
for turn in range(12):
    if turn == 2:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    parts = [b"x" * 2_000_000 for _ in range(3)]
    del parts
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="what it is for")
def test_memory_of_one_answer_is_not_fetched_anew_from_the_kernel_for_the_next() -> None:
    assert _faults("leave") > 1_000
    assert _faults("keep") < 100


def _faults(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", _TURNS, how], capture_output=True, check=True, text=True)
    return int(done.stdout)
