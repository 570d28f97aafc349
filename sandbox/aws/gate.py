"""In front of moto: names each call, lets in the sandbox's keys only, and into their accounts; faults; listeners.

A WSGI request goes in with its body; moto's answer, or the trouble asked for, comes out.
"""

import io
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from sandbox.faults import Fault, Faults
from sandbox.identities import Identities, Identity, UnknownKeyError

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]
XML = "text/xml"


@dataclass(frozen=True)
class Call:
    service: str  # the signing name
    operation: str  # as in botocore: Publish, SendEmail, PutObject
    body: bytes
    form: Mapping[str, str]  # of the query protocol
    path: str = "/"
    caller: Identity | None = None


@dataclass(frozen=True)
class Answer:
    status: str
    headers: list[tuple[str, str]]
    body: bytes


class Listener(Protocol):
    def before(self, call: Call) -> Answer | None:
        """An answer in moto's place: what the vendor refuses and moto takes."""

    def after(self, call: Call, answer: Answer) -> None:
        """What moto answered with 200."""


class Gate:
    """`refuse` says whether, and how, an identified call is not allowed."""

    def __init__(self, app: Wsgi, identities: Identities, refuse: Callable[[Call, Identity], Answer | None],
                 faults: Faults, listeners: Sequence[Listener]) -> None:
        self._app, self._faults, self._listeners = app, faults, listeners
        self._identities, self._refuse = identities, refuse

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        call = read_call(environ)
        fault = self._faults.take(call.service, call.operation) or Fault("*")
        time.sleep(fault.delay_s)
        answer = None if fault.replaces and not fault.after else self._answer(call, environ)
        if fault.cut:
            raise _cut(environ)
        if answer is None or fault.replaces:
            answer = Answer(f"{fault.status or 200} On Purpose", [("Content-Type", XML)], fault.payload())
        return _send(answer, fault, environ, start_response)

    def _answer(self, call: Call, environ: Environ) -> Answer:
        if not environ["PATH_INFO"].startswith("/moto-api"):
            try:
                caller = self._identities.of(_credential(environ)[0], environ.get("HTTP_X_AMZ_SECURITY_TOKEN"))
            except UnknownKeyError as unknown:
                return _unknown(unknown, call.service)
            if refused := self._refuse(call, caller):
                return refused
            call = replace(call, caller=caller)
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = caller.account
        for listener in self._listeners:
            if answer := listener.before(call):
                return answer
        answer = _run(self._app, environ)
        if answer.status.startswith("200"):
            for listener in self._listeners:
                listener.after(call, answer)
        return answer


def read_call(environ: Environ) -> Call:
    """Name the call; its body is read, and put back for moto."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else b""
    if length:
        environ["wsgi.input"] = io.BytesIO(body)
    service = _credential(environ)[1] or "s3"
    form: dict[str, str] = {}
    is_form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    if service in ("sns", "ses", "sts") and is_form:
        form = {key: values[0] for key, values in parse_qs(body.decode(), keep_blank_values=True).items()}
    return Call(service, form.get("Action") or _operation(service, environ), body, form,
                environ["PATH_INFO"])


def _credential(environ: Environ) -> tuple[str, str]:
    """Key id and service of `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, …`."""
    _, _, rest = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")
    parts = rest.partition(",")[0].split("/")
    return (parts[0], parts[3]) if len(parts) == 5 else ("", "")


def _unknown(unknown: UnknownKeyError, service: str) -> Answer:
    if service == "s3" and unknown.code == "InvalidClientTokenId":
        said = "The AWS Access Key Id you provided does not exist in our records."
        return error(403, "InvalidAccessKeyId", said, service)
    return error(403, unknown.code, str(unknown), service)


def error(status: int, code: str, message: str, service: str) -> Answer:
    """An error of the query protocol, or of S3."""
    inner = f"<Code>{code}</Code><Message>{escaped(message)}</Message>"
    if service == "s3":
        body = f"<Error>{inner}</Error>"
    else:
        inner = f"<Error><Type>Sender</Type>{inner}</Error><RequestId>0</RequestId>"
        body = f"<ErrorResponse>{inner}</ErrorResponse>"
    headers = [("Content-Type", XML), ("x-amzn-ErrorType", code)]
    return Answer(f"{status} {code}", headers, body.encode())


def escaped(text: str) -> str:
    """For XML."""
    return escape(text)


def _operation(service: str, environ: Environ) -> str:
    """A REST call's name, of those that this project makes; else its method and path."""
    method, path = str(environ["REQUEST_METHOD"]), environ["PATH_INFO"]
    if service == "ses":
        return "SendEmail" if path == "/v2/email/outbound-emails" else f"{method} {path}"
    if service != "s3":
        return f"{method} {path}"
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    for mark, (marked_method, name) in S3_MARKS.items():
        if method == marked_method and mark in query:
            return name
    has_key = len(path.strip("/").split("/")) > 1
    return S3_OBJECTS.get(method, method) if has_key else S3_BUCKETS.get(method, method)


S3_MARKS = {
    "uploads": ("POST", "CreateMultipartUpload"),
    "partNumber": ("PUT", "UploadPart"),
    "uploadId": ("POST", "CompleteMultipartUpload"),
    "delete": ("POST", "DeleteObjects"),
}
S3_OBJECTS = {"GET": "GetObject", "PUT": "PutObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}
S3_BUCKETS = {"GET": "ListObjectsV2", "PUT": "CreateBucket", "HEAD": "HeadBucket", "DELETE": "DeleteBucket"}


def _run(app: Wsgi, environ: Environ) -> Answer:
    begun: list[Any] = []
    body = b"".join(app(environ, lambda status, headers, _exc=None: begun.extend((status, headers))))
    return Answer(begun[0], begun[1], body)


def _cut(environ: Environ) -> ConnectionResetError:
    """Ends the connection; werkzeug takes the error for the client's own leave, and says nothing."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return ConnectionResetError()


def _send(answer: Answer, fault: Fault, environ: Environ, start_response: Any) -> Iterator[bytes]:
    headers = [(k, v) for k, v in answer.headers if k.lower() not in ("content-length", "connection")]
    headers += [("Content-Length", _length(answer)), *(fault.headers or {}).items()]
    start_response(answer.status, headers)
    if fault.partial:
        yield answer.body[: len(answer.body) // 2]
        raise _cut(environ)
    yield answer.body


def _length(answer: Answer) -> str:
    """The body's length; for HEAD, whose body is empty, the one that moto announced."""
    announced = next((value for key, value in answer.headers if key.lower() == "content-length"), "0")
    return str(len(answer.body)) if answer.body else announced
