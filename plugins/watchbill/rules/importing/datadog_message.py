"""The message of a monitor as annotations: Datadog's own template words into Jinja, as far as they have a meaning.

https://docs.datadoghq.com/monitors/notify/variables/
"""

import re

from watchbill.rules.importing.imported import Imported, as_text

_HANDLE = re.compile(r"(?<![\w.])@(?:[\w.+-]+@[\w.-]+|[\w-]+(?:-[\w.#-]+)*)")
_SECTION = re.compile(r"\{\{([#^])(\w+)([^{}]*)\}\}(.*?)\{\{/\2\}\}", re.DOTALL)
_VARIABLE = re.compile(r"\{\{\s*([^{}#/^]+?)\s*\}\}")
_KEPT = ("is_alert", "is_warning", "is_no_data", "is_alert_to_warning", "is_warning_to_alert", "is_renotify")
_WORDS = {"value": "{{ value|humanize }}", "threshold": "{{ threshold }}", "warn_threshold": "{{ threshold }}",
          "comparator": ""}


def message(text: str, found: Imported) -> dict[str, str]:
    """`description`, and what could not be said of it in `found`."""
    handles = list(dict.fromkeys(_HANDLE.findall(text)))
    if handles:
        found.notes.append(f"tells {', '.join(handles)}: route it in alerting.yaml")
    said = _blank(_HANDLE.sub("", _without_sections(text, found)))
    strange: list[str] = []
    out, at = "", 0
    for variable in _VARIABLE.finditer(said):
        out += as_text(said[at:variable.start()]) + _jinja(variable[1], strange)
        at = variable.end()
    out += as_text(said[at:])
    if strange:
        found.lost.append(f"its message leaves out {', '.join(dict.fromkeys(strange))}")
    return {"description": out.strip()} if out.strip() else {}


def _blank(text: str) -> str:
    """Without the blanks that handles and sections leave behind."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip()


def _without_sections(text: str, found: Imported) -> str:
    """What is said while it fires stays; what is said at recovery, or of some groups only, goes."""
    def put(section: re.Match[str]) -> str:
        kind, name = section[1], section[2]
        if (name in _KEPT) == (kind == "#"):
            return section[4] if name in _KEPT or name.endswith("recovery") else ""
        if name not in _KEPT and not name.endswith("recovery"):
            found.lost.append(f"its message leaves out what it says under {{{{{kind}{name}}}}}")
        return ""
    while _SECTION.search(text):
        text = _SECTION.sub(put, text)
    return text


def _jinja(words: str, strange: list[str]) -> str:
    if words in _WORDS:
        return _WORDS[words]
    named = re.fullmatch(r"([A-Za-z]\w*)(?:\.name)?", words) or re.fullmatch(r"\[?([\w.-]+)\]?\.name", words)
    if named and (words.endswith(".name") or words in ("host", "env", "service")):
        return f'{{{{ labels["{named[1]}"] }}}}' if not named[1].isidentifier() else f"{{{{ labels.{named[1]} }}}}"
    strange.append(f"{{{{{words}}}}}")
    return ""
