"""PyJWT without cryptography: HS256 and the claims."""

import datetime

import jwt

KEY = "a secret of more than thirty-two bytes"


def now(seconds):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)


def refused(error, token, key=KEY, **options):
    try:
        jwt.decode(token, key, algorithms=["HS256"], **options)
    except error:
        return
    raise AssertionError("the token is accepted")


def test_there_and_back():
    token = jwt.encode({"sub": "me", "aud": "you", "exp": now(60)}, KEY, algorithm="HS256")
    assert jwt.decode(token, KEY, algorithms=["HS256"], audience="you")["sub"] == "me"
    refused(jwt.InvalidAudienceError, token, audience="others")
    refused(jwt.InvalidSignatureError, token, KEY + "x", audience="you")


def test_known_token():
    header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
    payload = "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ"
    token = f"{header}.{payload}.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
    assert jwt.decode(token, "your-256-bit-secret", algorithms=["HS256"])["name"] == "John Doe"


def test_expired():
    refused(jwt.ExpiredSignatureError, jwt.encode({"exp": now(-60)}, KEY, algorithm="HS256"))


def test_rs256_needs_cryptography():
    try:
        jwt.encode({}, KEY, algorithm="RS256")
    except NotImplementedError as error:
        assert "cryptography" in str(error), error
        return
    raise AssertionError("RS256 works without cryptography")
