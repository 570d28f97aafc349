"""CloudWatch's refusals: a code and a sentence in, the error answer that botocore reads out."""

from typing import Any

from sandbox.faults import Fault
from sandbox.permissions import denied

# The service model's shape of each code, where the two differ; `__type` carries the shape, a header the code.
_SHAPES = {
    "InvalidParameterValue": "InvalidParameterValueException",
    "MissingParameter": "MissingRequiredParameterException",
    "InvalidParameterCombination": "InvalidParameterCombinationException",
    "InvalidParameterInput": "DashboardInvalidInputError",
    "ResourceNotFound": "DashboardNotFoundError",
    "InternalServiceError": "InternalServiceFault",
    "AccessDenied": "AccessDeniedException",
    "ExpiredToken": "ExpiredTokenException",
    "Throttling": "ThrottlingException",
}


class Refused(Exception):
    """One error answer. `members` are what its shape carries beside the message."""

    def __init__(self, code: str, message: str, status: int = 400, **members: Any) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.members = members

    @property
    def headers(self) -> dict[str, str]:
        blame = "Sender" if self.status < 500 else "Receiver"
        return {"x-amzn-query-error": f"{self.code};{blame}"}

    @property
    def body(self) -> dict[str, Any]:
        shape = _SHAPES.get(self.code, self.code)
        return {"__type": f"com.amazonaws.cloudwatch#{shape}", "message": str(self), **self.members}


def invalid(message: str) -> Refused:
    return Refused("InvalidParameterValue", message)


def invalid_request(message: str) -> Refused:
    """How GetMetricData refuses, whatever is wrong."""
    return Refused("ValidationError", message)


def access_denied(principal: str, action: str) -> Refused:
    return Refused("AccessDenied", denied(principal, action), 403)


def throttling(operation: str = "*", times: int | None = 1) -> Fault:
    """The fault that answers as CloudWatch does beyond its quota of calls."""
    refused = Refused("Throttling", "Rate exceeded")
    return Fault("cloudwatch", operation, status=refused.status, body=refused.body,
                 headers=refused.headers, times=times)
