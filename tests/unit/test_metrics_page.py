"""What docs/metrics.md shows can be declared as it stands there, and no key is left out."""

import re
import shutil
from pathlib import Path

from tests.unit.cli.terminal import ROOT
from watchbill.declare.load import load
from watchbill.model.metrics import MetricEntry

PAGE = (ROOT / "docs/metrics.md").read_text()
BLOCKS = re.findall(r"^```yaml\n# include/(\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_yaml_is_sound_beside_what_is_shipped(tmp_path: Path):
    folder = tmp_path / "include"
    shutil.copytree(ROOT / "include", folder)
    for file, text in BLOCKS:
        (folder / file).write_text(text)
    declared = load(folder, {})
    assert declared.findings == ()
    assert {"error-ratio", "queues"} < {entry.name for entry in declared.metrics}


def test_every_key_of_an_entry_is_explained():
    rows = re.findall(r"^\| (`.+?`) \|", PAGE, re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", ", ".join(rows))) == sorted(MetricEntry.model_fields)
