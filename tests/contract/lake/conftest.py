"""The same lake on a local disk and in a bucket (moto, over HTTP)."""

import logging
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer

from watchbill.lake.lake import Lake

BUCKET = "lake-of-tests"
REGION = "eu-west-1"
# A place can be sent to another process, which opens the lake there.
Place = tuple[str, Path, Mapping[str, str]]


def open_at(place: Place) -> Lake:
    url, home, aws = place
    return Lake.open(url, home=home, aws=lambda: aws)


@pytest.fixture(scope="module")  # others in this process may empty moto, which is one for all of its servers
def bucket() -> Iterator[Mapping[str, str]]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server.start()
    host, port = server.get_host_and_port()
    aws = {"access_key": "lake", "secret_key": "lake", "region": REGION,
           "endpoint_override": f"http://{host}:{port}"}
    client = boto3.client("s3", endpoint_url=aws["endpoint_override"], region_name=REGION,
                          aws_access_key_id="lake", aws_secret_access_key="lake")
    if BUCKET not in {one["Name"] for one in client.list_buckets()["Buckets"]}:
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    yield aws
    server.stop()


@pytest.fixture(params=["disk", "bucket"])
def new_place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Place]:
    """Makes the place of an empty lake, another one each time."""
    if request.param == "disk":
        return lambda: (f"lakes/{uuid4()}", tmp_path, {})
    aws = request.getfixturevalue("bucket")
    return lambda: (f"s3://{BUCKET}/{uuid4()}", tmp_path, aws)


@pytest.fixture
def place(new_place: Callable[[], Place]) -> Place:
    return new_place()


@pytest.fixture
def lake(place: Place) -> Lake:
    return open_at(place)


@pytest.fixture
def reopened(place: Place) -> Callable[[], Lake]:
    """The same lake as another process sees it: nothing is remembered."""
    return partial(open_at, place)
