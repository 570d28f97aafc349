"""The vendor's own description of a service, as botocore ships it: what members a request takes."""

import functools
from typing import Any

import botocore.session
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from sandbox.cloudwatch.errors import Refused


@functools.cache
def _service(name: str = "cloudwatch") -> ServiceModel:
    return botocore.session.get_session().get_service_model(name)


@functools.cache
def units() -> frozenset[str]:
    shape = _service().shape_for("StandardUnit")
    return frozenset(shape.metadata["enum"])


def check(operation: str, request: Any, service: str = "cloudwatch") -> None:
    """Raises Refused where the request lacks a member, or has one too many or of another type."""
    shape = _service(service).operation_model(operation).input_shape
    if shape is None:
        return
    report = ParamValidator().validate(request, shape)
    if not report.has_errors():
        return
    text = report.generate_report()
    if "Missing required parameter" in text:
        raise Refused("MissingParameter", text)
    raise Refused("SerializationException", text)
