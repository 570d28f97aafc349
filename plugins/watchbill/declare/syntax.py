"""What PyYAML says about text that is no YAML, as a finding a person can act on."""

import yaml
from yaml.reader import Reader, ReaderError

from watchbill.model.failures import Finding

_QUOTE = "put the text in quotes"
_FIXES = (
    ("mapping values are not allowed", "indent it like its neighbours, or quote a text with `: ` in it"),
    ("did not find expected '-'", "indent it like its neighbours"),
    ("did not find expected key", "indent it like its neighbours"),
    ("unexpected end of stream", "close the quote"),
    ("expected node content", "close the bracket or give the value"),
    ("expected ',' or", "close the bracket, or add the comma"),
    ("unknown escape character", "use single quotes, or write the backslash twice"),
    ("undefined alias", "define it with & before it is used, or quote a text that starts with *"),
    ("another document", "make it a file of its own"),
)


def syntax_finding(file: str, text: str, error: yaml.YAMLError) -> Finding:
    if isinstance(error, ReaderError):
        return _unprintable(file, text)
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None) or str(error)
    context, began = getattr(error, "context", None), getattr(error, "context_mark", None)
    line, sign = mark.line + 1 if mark else 0, _sign(text, mark)
    if sign == "\t" or "tab character" in problem:
        return Finding(file, line, "", "is no YAML: a tab indents it", "indent with spaces")
    if "cannot start any token" in problem:
        problem, context = f"{sign!r} cannot start a value", None
    told = f"is no YAML: {problem}" if context is None else f"is no YAML: {problem} {context}"
    if began is not None and context and began.line + 1 < line:
        told += f" that begins in line {began.line + 1}"
    quote = _QUOTE if sign and sign in "@`%*&!" else ""
    fix = next((fix for known, fix in _FIXES if known in problem), quote)
    return Finding(file, line, "", told, fix)


def _sign(text: str, mark: yaml.Mark | None) -> str:
    lines = text.splitlines()
    if mark is None or mark.line >= len(lines):
        return ""
    return lines[mark.line][mark.column:mark.column + 1]


def _unprintable(file: str, text: str) -> Finding:
    found = Reader.NON_PRINTABLE.search(text)
    if found is None:
        return Finding(file, 0, "", "is no YAML: it holds a character that YAML does not allow")
    line = text.count("\n", 0, found.start()) + 1
    return Finding(file, line, "", f"is no YAML: the control character U+{ord(found[0]):04X}", "remove it")
