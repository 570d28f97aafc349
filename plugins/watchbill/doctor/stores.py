"""What is Watchbill's own, tried: a file in the lake that comes and goes, and the ledger's schema."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
from alembic.script import ScriptDirectory
from pyarrow import fs

from watchbill.alerts import migrations
from watchbill.alerts.ledger import Ledger
from watchbill.doctor.checks import Check, Outcome, Subject
from watchbill.lake.files import Files
from watchbill.model.failures import LakeError

_CONTENT = pa.py_buffer(b"watchbill doctor")
_DISK = {"s3:PutObject": "write", "s3:GetObject": "read", "s3:ListBucket": "list", "s3:DeleteObject": "delete"}


def lake(files: Files, subject: Subject) -> Iterator[Check]:
    """A file under a name that no reader of the lake takes for one of its own. What cannot be deleted is named."""
    name = f".doctor-{uuid4().hex}.probe"
    on_s3 = isinstance(files.filesystem, fs.S3FileSystem)

    def check(action: str, call: Callable[[], Any]) -> Check:
        return subject.check(action if on_s3 else _DISK[action], _tried(action if on_s3 else "", call))

    written = check("s3:PutObject", lambda: files.put(name, _CONTENT))
    yield written
    if written.status != "ok":
        yield from (subject.untried(action if on_s3 else _DISK[action], "nothing could be written")
                    for action in ("s3:GetObject", "s3:DeleteObject"))
    else:
        read = check("s3:GetObject", lambda: files.read(name))
        yield read
        deleted = check("s3:DeleteObject", lambda: files.delete([name]))
        stays = f"{deleted.said}. {files.full(name)} stays: delete it by hand"  # Arrow reads what it is to delete
        yield deleted if deleted.status == "ok" else subject.check(
            deleted.permission, Outcome("missing" if read.status == "ok" else "untried", stays))
    yield check("s3:ListBucket", lambda: files.listed("points", recursive=False))


def ledger(ledger: Ledger, subject: Subject) -> Iterator[Check]:
    """Raises LedgerError where it cannot be reached."""
    with closing(ledger):
        version = ledger.version()
    yield subject.check("reachable", Outcome("ok"))
    known = [script.revision for script in ScriptDirectory(str(Path(migrations.__file__).parent)).walk_revisions()]
    if version is not None and version not in known:
        yield subject.check("schema", Outcome("missing", f"its schema {version} is newer than this version of "
                                              "Watchbill: upgrade Watchbill"))
    elif version != known[0]:
        has = "it has no tables yet" if version is None else f"it is at schema {version}"
        yield subject.untried("schema", f"{has}: the first run brings it to {known[0]}, and must be allowed to")
    else:
        yield subject.check("schema", Outcome("ok"))


def _tried(action: str, call: Callable[[], Any]) -> Outcome:
    try:
        call()
    except LakeError as error:
        advice = f". Allow the connection's identity {action}" if action and "ACCESS_DENIED" in str(error) else ""
        return Outcome("missing", f"{error}{advice}")
    return Outcome("ok")
