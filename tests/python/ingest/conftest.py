"""A lake of each test's own."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from landing_lakes import LakeOfTest, make_lake
from moto.server import ThreadedMotoServer

BUCKET = "bucket"


@pytest.fixture
def lake(tmp_path: Path) -> LakeOfTest:
    """An empty lake and an empty drop folder."""
    return make_lake(tmp_path)


@pytest.fixture
def new_lake(tmp_path_factory) -> Callable[[], LakeOfTest]:
    """Makes one more empty lake each time it is called."""
    return lambda: make_lake(tmp_path_factory.mktemp("lake"))


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Host and port of a server that speaks S3 and holds one bucket."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    address = ":".join(map(str, server.get_host_and_port()))
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{address}",
        region_name="us-east-1",
        aws_access_key_id="k",
        aws_secret_access_key="s",
    )
    client.create_bucket(Bucket=BUCKET)
    yield address
    server.stop()


@pytest.fixture
def store(s3_server) -> Callable[[str], str]:
    """Gives the URI of a folder in a corner of the store that is this test's own."""
    own = uuid.uuid4().hex
    how = f"endpoint_override={s3_server}&scheme=http&region=us-east-1"
    return lambda path: f"s3://key:hidden@{BUCKET}/{own}/{path}?{how}"
