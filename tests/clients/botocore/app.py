"""botocore, with a server that speaks S3's protocol."""

import botocore.session
from botocore.config import Config
from serving import origin, serving, shown

session = botocore.session.get_session()


def client(url):
    settings = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0})
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    return session.create_client("s3", region_name="eu-west-1", endpoint_url=url, config=settings, **keys)


def stored():
    s3 = client(origin())
    put = s3.put_object(Bucket="bucket", Key="key", Body=b"data" * 100_000)
    return put["ETag"], len(s3.get_object(Bucket="bucket", Key="key")["Body"].read())


def failures():
    found = []
    for url in (origin(), "http://localhost:1"):
        try:
            client(url).get_object(Bucket="bucket", Key="none")
        except Exception as error:
            found.append(shown(error).partition("\n")[0])
    return "\n".join(found)


IncomingHandler = Handler = serving(stored, failures)
