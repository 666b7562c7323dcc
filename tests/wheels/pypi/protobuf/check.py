"""protobuf: messages made from a description, in binary and JSON."""

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory, struct_pb2, timestamp_pb2


def make():
    file = descriptor_pb2.FileDescriptorProto(name="check.proto", package="check", syntax="proto3")
    message = file.message_type.add(name="Person")
    kinds = descriptor_pb2.FieldDescriptorProto
    message.field.add(name="name", number=1, type=kinds.TYPE_STRING, label=kinds.LABEL_OPTIONAL)
    message.field.add(name="id", number=2, type=kinds.TYPE_INT64, label=kinds.LABEL_OPTIONAL)
    message.field.add(name="scores", number=3, type=kinds.TYPE_DOUBLE, label=kinds.LABEL_REPEATED)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("check.Person"))


Person = make()


def test_binary():
    person = Person(name="é", id=-1, scores=[0.5, 2])
    data = person.SerializeToString()
    assert data.startswith(b"\x0a\x02\xc3\xa9\x10" + b"\xff" * 9 + b"\x01"), data
    assert Person.FromString(data) == person


def test_json():
    assert json_format.MessageToDict(Person(id=2**40)) == {"id": str(2**40)}
    assert json_format.Parse('{"name": "x", "scores": [1]}', Person()).scores == [1.0]


def test_known_types():
    stamp = timestamp_pb2.Timestamp()
    stamp.FromJsonString("2026-01-02T03:04:05Z")
    assert stamp.ToDatetime().hour == 3
    struct = struct_pb2.Struct()
    struct["a"] = [1, {"b": None}]
    assert json_format.MessageToDict(struct) == {"a": [1, {"b": None}]}


def test_wrong_type():
    try:
        Person(id="x")
    except TypeError:
        return
    raise AssertionError("a string is accepted as a number")
