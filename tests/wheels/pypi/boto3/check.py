"""boto3: stubbed clients, resources, signatures and errors."""

from io import BytesIO

import boto3
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber

SESSION = boto3.Session("AKIDEXAMPLE", "secret", region_name="eu-central-1")


def test_object():
    client = SESSION.client("s3")
    with Stubber(client) as stub:
        stub.add_response("put_object", {"ETag": '"1"'}, {"Bucket": "b", "Key": "k", "Body": ANY})
        stub.add_response("get_object", {"Body": StreamingBody(BytesIO(b"data"), 4)}, {"Bucket": "b", "Key": "k"})
        assert client.put_object(Bucket="b", Key="k", Body=b"data")["ETag"] == '"1"'
        assert client.get_object(Bucket="b", Key="k")["Body"].read() == b"data"


def test_error():
    client = SESSION.client("s3")
    with Stubber(client) as stub:
        stub.add_client_error("get_object", "NoSuchKey", http_status_code=404)
        try:
            client.get_object(Bucket="b", Key="k")
        except client.exceptions.NoSuchKey as error:
            assert isinstance(error, ClientError) and error.response["Error"]["Code"] == "NoSuchKey"
            return
    raise AssertionError("no error")


def test_signed_address():
    url = SESSION.client("s3").generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "a b"}, ExpiresIn=60)
    assert "a%20b" in url and "Signature=" in url and "AKIDEXAMPLE" in url, url


def test_resource():
    table = SESSION.resource("dynamodb").Table("items")
    with Stubber(table.meta.client) as stub:
        stub.add_response("get_item", {"Item": {"id": {"N": "7"}, "tags": {"SS": ["a"]}}})
        assert table.get_item(Key={"id": 7})["Item"] == {"id": 7, "tags": {"a"}}
