"""itsdangerous: signed and timed values."""

from itsdangerous import BadSignature, SignatureExpired, URLSafeSerializer, URLSafeTimedSerializer


def test_there_and_back():
    serializer = URLSafeSerializer("key", salt="s")
    assert serializer.loads(serializer.dumps({"id": 5, "names": ["é"]})) == {"id": 5, "names": ["é"]}


def test_changed_value():
    token = URLSafeSerializer("key").dumps([1])
    for key, value in [("other", token), ("key", "x" + token)]:
        try:
            URLSafeSerializer(key).loads(value)
        except BadSignature:
            continue
        raise AssertionError("a wrong signature is accepted")


def test_expired():
    serializer = URLSafeTimedSerializer("key")
    token = serializer.dumps("value")
    assert serializer.loads(token, max_age=60) == "value"
    try:
        serializer.loads(token, max_age=-1)
    except SignatureExpired:
        return
    raise AssertionError("an old value is accepted")
