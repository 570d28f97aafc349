"""Go templates rendered by the real amtool, and by us after their translation. Skipped where there is no amtool."""

import html
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.templates.made import FIRING, RESOLVED, alertmanagers, notification
from watchbill.model.alerts import Notification
from watchbill.model.templates.reading import Library, as_jinja
from watchbill.model.templates.rendering import rendered

pytestmark = pytest.mark.skipif(shutil.which("amtool") is None, reason="amtool is not installed")

DEFINED = """\
{{ define "names" }}{{ range . }}<{{ .Labels.service }}>{{ end }}{{ end }}
{{ define "title" }}[{{ .Status | toUpper }}{{ if eq .Status "firing" }}:{{ .Alerts.Firing | len }}{{ end }}] {{
  .GroupLabels.SortedPairs.Values | join " " }}{{ end }}
{{ define "outer" }}{{ template "title" . }} / {{ template "names" .Alerts }}{{ end }}
{{- define "one" }}{{ .Labels.job }}/{{ template "two" .Labels }}{{ end }}
{{- define "two" }}{{ .alertname }}{{ end }}
{{- define "down" }}{{ with . }}x{{ end }}{{ end }}
"""
TEMPLATES = Path(__file__).with_name("go_templates.txt").read_text().removesuffix("\n").split("\n=====\n")
TOLD = [notification(FIRING, RESOLVED), notification(FIRING), notification(RESOLVED)]


def _amtool(template: str, told: Notification, folder: Path, kind: str) -> str:
    (folder / "defined.tmpl").write_text(DEFINED)
    (folder / "data.json").write_text(alertmanagers(told))
    words = ["amtool", "template", "render", f"--template.glob={folder}/*.tmpl", f"--template.type={kind}",
             f"--template.data={folder}/data.json", f"--template.text={template}"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, (template, done.stderr)
    return done.stdout


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_translated_template_says_what_amtool_says(template: str, tmp_path: Path) -> None:
    library = Library().with_file(DEFINED)
    made = as_jinja(template, library)
    for told in TOLD:
        ours = rendered(made, told, external_url="http://here/x?y&z")
        assert ours == _amtool(template, told, tmp_path, "text"), made


@pytest.mark.parametrize("template", [
    "<p>{{ range .Alerts }}{{ .Annotations.summary }}{{ .Labels.service }}{{ end }}</p>",
    "{{ template `one` (index .Alerts 0) }}",
    "{{ .Status | safeHtml }} {{ `<b>` | safeHtml }}{{ (index .Alerts 0).Labels.service | safeHtml }}",
])
def test_html_is_escaped_as_amtool_escapes_it(template: str, tmp_path: Path) -> None:
    made = as_jinja(template, Library().with_file(DEFINED))
    for told in TOLD:
        said = _amtool(template, told, tmp_path, "html").replace("&#34;", "&quot;").replace("&#39;", "&#x27;")
        assert rendered(made, told, escape=html.escape) == said
