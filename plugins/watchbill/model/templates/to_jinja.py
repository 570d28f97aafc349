"""Last step of a Go template: its tree in, the same as a Jinja template out.

Each `define` that is used becomes a macro in front, so that a translated template stands by itself.
"""

import json
import keyword
import re
from collections.abc import Mapping
from difflib import get_close_matches

from watchbill.model.templates.go_lexer import TemplateError
from watchbill.model.templates.go_tree import Block, Call, Chain, Leave, Literal, Name, Node, Operand, Output, Pipe
from watchbill.model.templates.go_words import (
    DATA,
    ELSEWHERE,
    FIELDS,
    FUNCTIONS,
    ITEMS,
    METHODS,
    NO_ARGUMENT,
    Expr,
)

_RESERVED = frozenset({*DATA, "Data", "dot", "loop", "namespace", "range", "self", "super", "varargs", "kwargs",
                       "caller", "none", "true", "false", "dict", "print", "println", "printf", "value",
                       *keyword.kwlist, "block", "call", "set", "macro", "filter", "raw", "do", "autoescape",
                       "include", "extends", "recursive", "ignore", "missing", "without", "context", "scoped"})
_SINGULAR = {"alerts": "alert", "pairs": "pair"}
Library = Mapping[str, list[Node]]


def to_jinja(nodes: list[Node], defined: Library, dot: str = "data") -> str:
    """Raises TemplateError, with the Jinja form where there is one. `dot`: the kind of value that it is given."""
    house = _House(defined)
    given = Expr("Data" if dot == "data" else "dot", dot)
    body = _Scope(house, given, given, nodes).write(nodes)
    return "".join([*house.macros.values(), body])


class _House:
    """The templates that can be called, and the macros that have been made of them."""

    def __init__(self, defined: Library) -> None:
        self._defined = defined
        self.macros: dict[str, str] = {}
        self._names: dict[tuple[str, str], str] = {}

    def macro(self, name: str, kind: str, line: int) -> str:
        """One for each kind of argument: `.Labels` of an alert is not the `.Labels` of a message."""
        if name not in self._defined:
            near = get_close_matches(name, self._defined, n=1)
            raise TemplateError(f"there is no template {name!r}", line,
                                f"did you mean {near[0]!r}?" if near else "name its file under `templates:`")
        if (name, kind) not in self._names:
            made = self._names[name, kind] = self._free(re.sub(r"\W", "_", f"t_{name}", flags=re.ASCII))
            self.macros[made] = ""  # in its place before those that it calls
            body = self._defined[name]
            try:
                said = _Scope(self, Expr("dot", kind), Expr("dot", kind), body).write(body)
            except TemplateError as error:
                raise TemplateError(f"in the template {name!r}: {error.problem}", line, error.fix) from error
            self.macros[made] = f"{{% macro {made}(dot) %}}{said}{{% endmacro %}}"
        return self._names[name, kind]

    def _free(self, name: str) -> str:
        taken, wanted, count = set(self._names.values()), name, 1
        while wanted in taken:
            count += 1
            wanted = f"{name}_{count}"
        return wanted


class _Scope:
    """One body: what the dot is, and which variables are in sight."""

    def __init__(self, house: _House, dot: Expr, root: Expr, nodes: list[Node]) -> None:
        self._house, self._dot, self._root = house, dot, root
        self._variables: list[dict[str, Expr]] = [{}]
        self._taken: set[str] = set()
        self._changed = _changed(nodes)

    def write(self, nodes: list[Node]) -> str:
        return "".join(map(self._node, nodes))

    def _inside(self, nodes: list[Node], dot: Expr | None = None) -> str:
        before = self._dot
        self._dot = dot or before
        self._variables.append({})
        out = self.write(nodes)
        self._variables.pop()
        self._dot = before
        return out

    def _node(self, node: Node) -> str:
        if isinstance(node, str):
            return re.sub(r"\{(?=[{%#])|\{$", '{{ "{" }}', node)  # a brace before a tag would be read with it
        if isinstance(node, Output):
            return self._output(node.pipe)
        if isinstance(node, Call):
            argument = self._pipe(node.argument) if node.argument else Expr("none", "none")
            return f"{{{{ {self._house.macro(node.name, argument.kind, node.line)}({argument.text}) }}}}"
        if isinstance(node, Leave):
            return f"{{% {node.word} %}}"
        return {"if": self._if, "with": self._with, "range": self._range}[node.word](node)

    def _output(self, pipe: Pipe) -> str:
        if pipe.names:
            return self._set(pipe)
        only = pipe.commands[0]
        words = only[0].value if isinstance(only[0], Literal) else None
        if len(pipe.commands) == len(only) == 1 and isinstance(words, str):
            return self._node(words)  # what the author wrote is text, and not escaped
        return f"{{{{ {self._pipe(pipe).text} }}}}"

    def _set(self, pipe: Pipe) -> str:
        value = self._pipe(pipe)
        name = pipe.names[0]
        if not pipe.declares:
            return f"{{% set {self._variable(name, pipe.line).text} = {value.text} %}}"
        known = self._declare(name, value.kind)
        inside = f"namespace(value={value.text})" if name in self._changed else value.text
        return f"{{% set {known.text.removesuffix('.value')} = {inside} %}}"

    def _declare(self, name: str, kind: str) -> Expr:
        free = self._free(re.sub(r"\W", "_", name[1:], flags=re.ASCII) or "it")
        if name in self._changed:
            self._variables[-1][name] = Expr(f"{free}.value")  # what is put there later may be of another kind
        else:
            self._variables[-1][name] = Expr(free, kind)
        return self._variables[-1][name]

    def _free(self, name: str) -> str:
        wanted, count = name, 1
        while wanted in self._taken or wanted in _RESERVED:
            count += 1
            wanted = f"{name}{count}"
        self._taken.add(wanted)
        return wanted

    def _if(self, block: Block, word: str = "if") -> str:
        before, condition = self._condition(block.pipe)
        body = self._inside(block.body)
        next_ = block.otherwise[0] if len(block.otherwise) == 1 else None
        if isinstance(next_, Block) and next_.word == "if" and not next_.pipe.names:
            rest = self._if(next_, "elif")
        else:
            rest = (f"{{% else %}}{self._inside(block.otherwise)}" if block.otherwise else "") + "{% endif %}"
        self._variables.pop()
        return f"{before}{{% {word} {condition.text} %}}{body}{rest}"

    def _with(self, block: Block) -> str:
        before, condition = self._condition(block.pipe)
        name = self._free("it")
        body = self._inside(block.body, Expr(name, condition.kind))
        otherwise = f"{{% else %}}{self._inside(block.otherwise)}" if block.otherwise else ""
        self._variables.pop()
        return (f"{before}{{% set {name} = {condition.text} %}}"
                f"{{% if {name} %}}{body}{otherwise}{{% endif %}}")

    def _condition(self, pipe: Pipe) -> tuple[str, Expr]:
        """What a variable of the condition needs before, and the condition; opens the variable's scope."""
        self._variables.append({})
        if not pipe.names:
            return "", self._pipe(pipe)
        before = self._set(pipe)
        return before, self._variable(pipe.names[0], pipe.line)

    def _range(self, block: Block) -> str:
        over, names = self._pipe(block.pipe), block.pipe.names
        self._variables.append({})
        kind = ITEMS.get(over.kind, "any")
        item = self._free(_SINGULAR.get(over.kind, "item"))
        looped, among = item, over.text if over.kind in ("alerts", "pairs", "texts") else f"{over.closed}|each"
        if len(names) == 2:
            key = self._free(re.sub(r"\W", "_", names[0][1:], flags=re.ASCII) or "key")
            self._variables[-1][names[0]] = Expr(key, "text" if over.kind == "kv" else "any")
            looped, among = f"{key}, {item}", f"{over.closed}|entries"
        if names:
            self._variables[-1][names[-1]] = Expr(item, kind)
        body = self._inside(block.body, Expr(item, kind))
        otherwise = f"{{% else %}}{self._inside(block.otherwise)}" if block.otherwise else ""
        self._variables.pop()
        return f"{{% for {looped} in {among} %}}{body}{otherwise}{{% endfor %}}"

    def _variable(self, name: str, line: int) -> Expr:
        if name == "$":
            return self._root
        found = next((known[name] for known in reversed(self._variables) if name in known), None)
        if found is None:
            raise TemplateError(f"the variable {name} is nowhere set", line, f"write {name} := … before")
        return found

    def _pipe(self, pipe: Pipe) -> Expr:
        made: Expr | None = None
        for command in pipe.commands:
            made = self._command(command, made, pipe)
        return made or Expr("none", "none")

    def _command(self, command: tuple[Operand, ...], piped: Expr | None, pipe: Pipe) -> Expr:
        first = command[0]
        arguments = [self._operand(one, pipe) for one in command[1:]] + ([piped] if piped else [])
        if isinstance(first, Name) and first.name != "." and not first.name.startswith("$"):
            return _function(first.name, arguments, pipe)
        if isinstance(first, Chain):
            return self._chain(first, pipe, arguments)
        if arguments:
            raise TemplateError(f"{pipe.written!r} calls what is no function", pipe.line)
        return self._operand(first, pipe)

    def _operand(self, operand: Operand, pipe: Pipe) -> Expr:
        if isinstance(operand, Literal):
            return _literal(operand)
        if isinstance(operand, Pipe):
            return self._pipe(operand)
        if isinstance(operand, Chain):
            return self._chain(operand, pipe, [])
        if operand.name == ".":
            return self._dot
        if operand.name.startswith("$"):
            return self._variable(operand.name, pipe.line)
        return _function(operand.name, [], pipe)

    def _chain(self, chain: Chain, pipe: Pipe, arguments: list[Expr]) -> Expr:
        of = self._operand(chain.of, pipe)
        for place, name in enumerate(chain.fields):
            of = _field(of, name, arguments if place == len(chain.fields) - 1 else [], pipe)
        return of


def _field(of: Expr, name: str, arguments: list[Expr], pipe: Pipe) -> Expr:
    known = FIELDS.get(of.kind)
    if known is not None and name not in known and of.kind != "kv":
        near = get_close_matches(name, known, n=1)
        raise TemplateError(f"{pipe.written!r}: there is no .{name} in {_what(of)}", pipe.line,
                            f"did you mean .{near[0]}?" if near else f"known: {', '.join(known)}")
    if of.kind in ("text", "number", "bool", "none"):
        raise TemplateError(f"{pipe.written!r}: there is no .{name} in {_what(of)}", pipe.line,
                            "$ is the whole message: write $.CommonLabels" if of.kind == "text" else "")
    kind = (known or {}).get(name, "text" if of.kind == "kv" else "any")
    if arguments and name not in METHODS:
        raise TemplateError(f"{pipe.written!r}: .{name} takes no argument", pipe.line)
    if name in METHODS and known and name in known and len(arguments) != 1:
        raise TemplateError(f"{pipe.written!r}: .{name} takes one argument", pipe.line)
    if of.text == "Data":
        return Expr(name, kind)
    called = bool(arguments) or (of.kind in ("time", "duration") and name in NO_ARGUMENT)
    call = f"({', '.join(one.text for one in arguments)})" if called else ""
    if name.isascii() and not name.startswith("_"):
        return Expr(f"{of.owner}.{name}{call}", kind)
    return Expr(f"{of.owner}[{json.dumps(name, ensure_ascii=False)}]", kind)


def _what(of: Expr) -> str:
    return {"data": "a message", "alert": "an alert", "alerts": "a list of alerts", "texts": "a list of texts",
            "pairs": "a list of pairs", "kv": "labels", "none": "nothing"}.get(of.kind, f"a {of.kind}")


def _function(name: str, arguments: list[Expr], pipe: Pipe) -> Expr:
    function = FUNCTIONS.get(name)
    if function is None:
        near = get_close_matches(name, FUNCTIONS, n=1)
        fix = ELSEWHERE.get(name) or (f"did you mean {near[0]}?" if near else
                                      f"write it in Jinja, as {{{{ {pipe_hint(pipe)} }}}}")
        raise TemplateError(f"{pipe.written!r}: {name} is no function of Alertmanager's that is obeyed", pipe.line, fix)
    least, most, say = function
    if len(arguments) < least or (most is not None and len(arguments) > most):
        wanted = f"{least}" if least == most else f"{least} or more"
        raise TemplateError(f"{pipe.written!r}: {name} takes {wanted} arguments, not {len(arguments)}", pipe.line)
    return say(arguments)


def pipe_hint(pipe: Pipe) -> str:
    """The beginning of the same in Jinja: what the first command names, without its dot."""
    found = re.search(r"\.([A-Z]\w*(?:\.\w+)*)", pipe.written)
    return f"{found[1]}|…" if found else "CommonLabels.severity|…"


def _literal(literal: Literal) -> Expr:
    value = literal.value
    if isinstance(value, str):
        return Expr(json.dumps(value, ensure_ascii=False), "text")
    if value is None or isinstance(value, bool):
        return Expr(str(value).lower(), "none" if value is None else "bool")
    return Expr(repr(value), "number", tight=value >= 0)


def _changed(nodes: list[Node]) -> set[str]:
    """The variables that are set again after their declaration: Jinja keeps such a change only in a namespace."""
    found: set[str] = set()
    for node in nodes:
        pipe = node.pipe if isinstance(node, Output | Block) else None
        if pipe and pipe.names and not pipe.declares:
            found.update(pipe.names)
        if isinstance(node, Block):
            found |= _changed(node.body) | _changed(node.otherwise)
    return found
