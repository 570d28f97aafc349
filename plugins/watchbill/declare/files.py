"""Where declarations lie below include/, and their text: files in, decoded text or a finding out."""

import codecs
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path

from watchbill.model.failures import Finding

SETTINGS, ALERTING, DATADOG_NAMES = "watchbill.yaml", "alerting.yaml", "datadog_names.yaml"
METRICS, RULES, DASHBOARDS, REPORTS = "metrics", "rules", "dashboards", "reports"
TEMPLATES = "dashboards/templates"  # below the dashboards, and none of them
_FOLDERS = (METRICS, RULES, DASHBOARDS, REPORTS)
_SUFFIXES = (".yaml", ".yml")
_MAX_BYTES = 5_000_000


def yaml_files(include: Path, folder: str) -> list[Path]:
    """Every YAML file below the folder, in a stable order; hidden ones are left alone."""
    inside = include / folder
    apart = [include / each for each in (TEMPLATES,) if each.startswith(f"{folder}/")]
    return [path for path in _visible(inside) if path.suffix in _SUFFIXES
            and not any(each in path.parents for each in apart)]


def _visible(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.parts[len(folder.parts):]):
            yield path


def read_text(include: Path, path: Path) -> str | Finding:
    """UTF-8 with or without a byte order mark, or UTF-16 with one, as YAML allows."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            return Finding(_name(include, path), 0, "", f"is larger than {_MAX_BYTES // 1_000_000} MB", "split it")
        content = path.read_bytes()
    except OSError as error:
        return Finding(_name(include, path), 0, "", f"cannot be read: {error.strerror}")
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        return Finding(_name(include, path), line, "", f"is not UTF-8: byte 0x{byte:02x}", "save the file as UTF-8")


def _name(include: Path, path: Path) -> str:
    return path.relative_to(include).as_posix() if path.is_relative_to(include) else path.as_posix()


def strays(include: Path) -> list[Finding]:
    """YAML that lies where nothing looks for it: a silent file is worse than a wrong one."""
    known = {include / SETTINGS, include / ALERTING, include / DATADOG_NAMES}
    known.update(path for folder in (*_FOLDERS, TEMPLATES) for path in yaml_files(include, folder))
    found = (path for path in _visible(include) if path.suffix in _SUFFIXES and path not in known)
    return [Finding(path.relative_to(include).as_posix(), 0, "", "is not read: nothing looks for it here",
                    _home(path.relative_to(include)), "warning") for path in found]


def _home(path: Path) -> str:
    places = [SETTINGS, ALERTING, DATADOG_NAMES, *(f"{folder}/{path.name}" for folder in _FOLDERS)]
    near = close(path.as_posix(), places)
    return f"did you mean {near}?" if near else "metrics/, rules/, dashboards/ and reports/ are read"


def close(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    by_lower = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[near[0]] if near else None
