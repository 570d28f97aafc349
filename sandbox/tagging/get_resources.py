"""GetResources: filters and a page in, resources with all of their tags out.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from sandbox.cloudwatch.errors import Refused
from sandbox.tagging.store import Resource

PAGE, MOST_PAGE = 50, 100
MOST_FILTERS, MOST_VALUES, MOST_TYPES, MOST_ARNS = 50, 20, 100, 100
TOKEN_S = 15 * 60
_NOT_WITH_ARNS = ("PaginationToken", "TagFilters", "ResourcesPerPage", "TagsPerPage", "ResourceTypeFilters")


def get_resources(resources: Sequence[Resource], request: Mapping[str, Any], now: float) -> dict[str, Any]:
    _check(request)
    after = _after(request, now)
    found = [each for each in resources if each.arn > after and _meets(each, request)]
    page = found[: _page_size(request)]
    token = _token(page[-1].arn, now) if len(found) > len(page) else ""
    return {"PaginationToken": token, "ResourceTagMappingList": [_written(each) for each in page]}


def _check(request: Mapping[str, Any]) -> None:
    if "ResourceARNList" in request and any(request.get(name) for name in _NOT_WITH_ARNS):
        raise _invalid("ResourceARNList can't be used with filters or pagination")
    _bound(len(request.get("ResourceARNList", [""])), 1, MOST_ARNS, "ResourceARNList")
    _bound(len(request.get("ResourceTypeFilters", [])), 0, MOST_TYPES, "ResourceTypeFilters")
    _bound(len(request.get("TagFilters", [])), 0, MOST_FILTERS, "TagFilters")
    for wanted in request.get("TagFilters", []):
        if not wanted.get("Key"):
            raise _invalid("A tag filter must specify a key")
        _bound(len(wanted.get("Values", [])), 0, MOST_VALUES, "Values")
    _bound(request.get("ResourcesPerPage", PAGE), 1, MOST_PAGE, "ResourcesPerPage")
    tags = request.get("TagsPerPage", 100)
    if tags % 100 or not 100 <= tags <= 500:
        raise _invalid("TagsPerPage must be between 100 and 500, in increments of 100")


def _bound(number: int, least: int, most: int, name: str) -> None:
    if not least <= number <= most:
        raise _invalid(f"{name} must be between {least} and {most}")


def _page_size(request: Mapping[str, Any]) -> int:
    if "ResourceARNList" in request:
        return MOST_ARNS
    return int(request.get("ResourcesPerPage", PAGE))


def _meets(resource: Resource, request: Mapping[str, Any]) -> bool:
    """Every tag filter by one of its values, or by any where it has none; and one of the types."""
    if "ResourceARNList" in request:
        return resource.arn in request["ResourceARNList"]
    kinds = request.get("ResourceTypeFilters", [])
    if kinds and not any(resource.is_of_type(kind) for kind in kinds):
        return False
    return all(
        wanted["Key"] in resource.tags
        and (not wanted.get("Values") or resource.tags[wanted["Key"]] in wanted["Values"])
        for wanted in request.get("TagFilters", [])
    )


def _written(resource: Resource) -> dict[str, Any]:
    return {"ResourceARN": resource.arn,
            "Tags": [{"Key": key, "Value": value} for key, value in resource.tags.items()]}  # fmt: skip


def _token(arn: str, now: float) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([arn, now])).decode()


def _after(request: Mapping[str, Any], now: float) -> str:
    """The last ARN of the page before. Raises Refused for a token of nobody, and an old one."""
    if not request.get("PaginationToken"):
        return ""
    try:
        arn, made_at = orjson.loads(base64.urlsafe_b64decode(request["PaginationToken"]))
    except (binascii.Error, ValueError, TypeError):
        raise _invalid("The provided PaginationToken is invalid") from None
    if now - made_at > TOKEN_S:
        raise Refused("PaginationTokenExpiredException", "The provided PaginationToken has expired")
    return str(arn)


def _invalid(message: str) -> Refused:
    return Refused("InvalidParameterException", message)
