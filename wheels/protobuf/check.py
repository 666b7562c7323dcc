"""Messages by upb, protobuf's implementation in C: types that are described while the program runs."""

import datetime

from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, duration_pb2, json_format, message, message_factory
from google.protobuf import struct_pb2, text_format, timestamp_pb2, wrappers_pb2
from google.protobuf.internal import api_implementation

FILE = """
name: "shop.proto" package: "shop" syntax: "proto3"
enum_type { name: "Kind" value { name: "NONE" number: 0 } value { name: "FRUIT" number: 1 } }
message_type {
  name: "Item"
  field { name: "name" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "price" number: 2 type: TYPE_DOUBLE label: LABEL_OPTIONAL }
  field { name: "kind" number: 3 type: TYPE_ENUM type_name: ".shop.Kind" label: LABEL_OPTIONAL }
  field { name: "codes" number: 4 type: TYPE_SINT64 label: LABEL_REPEATED }
}
message_type {
  name: "Shop"
  field { name: "items" number: 1 type: TYPE_MESSAGE type_name: ".shop.Item" label: LABEL_REPEATED }
  field { name: "stock" number: 2 type: TYPE_MESSAGE type_name: ".shop.Shop.StockEntry" label: LABEL_REPEATED }
  field { name: "code" number: 3 type: TYPE_UINT64 label: LABEL_OPTIONAL oneof_index: 0 }
  field { name: "title" number: 4 type: TYPE_STRING label: LABEL_OPTIONAL oneof_index: 0 }
  field { name: "raw" number: 5 type: TYPE_BYTES label: LABEL_OPTIONAL }
  nested_type {
    name: "StockEntry" options { map_entry: true }
    field { name: "key" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "value" number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL }
  }
  oneof_decl { name: "which" }
}
"""
POOL = descriptor_pool.DescriptorPool()
POOL.AddSerializedFile(text_format.Parse(FILE, descriptor_pb2.FileDescriptorProto()).SerializeToString())
Item, Shop = (message_factory.GetMessageClass(POOL.FindMessageTypeByName(f"shop.{name}")) for name in ("Item", "Shop"))


def shop():
    made = Shop(items=[Item(name="Käse", price=7.5, kind=1, codes=[-1, 2**40]), Item(name="Brot")], stock={"Käse": 3}, title="→")
    made.raw = bytes(range(256))
    return made


def test_the_extension_is_native():
    assert api_implementation.Type() == "upb"


def test_round_trip():
    data = shop().SerializeToString(deterministic=True)
    assert Shop.FromString(data) == shop() and data == shop().SerializeToString(deterministic=True)
    assert data.startswith(b"\n\x1b\n\x05K\xc3\xa4se\x11\x00\x00\x00\x00\x00\x00\x1e@\x18\x01\"\x07\x01\x80\x80\x80\x80\x80\x40")


def test_fields():
    made = shop()
    assert made.WhichOneof("which") == "title" and not made.code
    made.code = 2**64 - 1
    assert made.WhichOneof("which") == "code" and made.title == ""
    made.items.add(name="x")
    assert [item.name for item in made.items] == ["Käse", "Brot", "x"] and made.items[0].codes[1] == 2**40
    made.stock["y"] += 2
    assert dict(made.stock) == {"Käse": 3, "y": 2} and "z" not in made.stock
    del made.items[1:]
    made.ClearField("raw")
    assert [field.name for field, _ in made.ListFields()] == ["items", "stock", "code"]
    copy = Shop()
    copy.CopyFrom(made)
    copy.MergeFrom(shop())
    assert len(copy.items) == 3 and made != copy


def test_mistakes_are_errors():
    for change in (
        lambda made: setattr(made, "code", -1),
        lambda made: setattr(made, "title", 5),
        lambda made: setattr(made, "unknown", 5),
        lambda made: made.items.append("x"),
        lambda made: made.stock.update({"a": "b"}),
        lambda made: setattr(made, "title", "\ud800"),
    ):
        try:
            change(shop())
        except (AttributeError, TypeError, ValueError):
            pass
        else:
            raise AssertionError(change)
    for data in (b"\x0a\xff", b"\xff" * 20, shop().SerializeToString()[:-5], b"\x0a\x03\x0a\x01\xff"):
        try:
            Shop.FromString(data)
        except message.DecodeError:
            pass
        else:
            raise AssertionError(data)


def test_json_and_text():
    text = json_format.MessageToJson(shop(), indent=None, ensure_ascii=False)
    assert '"name": "Käse", "price": 7.5, "kind": "FRUIT", "codes": ["-1", "1099511627776"]' in text
    assert json_format.Parse(text, Shop()) == shop()
    assert text_format.Parse(text_format.MessageToString(shop()), Shop()) == shop()


def test_well_known_types():
    stamp = timestamp_pb2.Timestamp()
    stamp.FromDatetime(datetime.datetime(2026, 11, 28, 12, 30))
    assert stamp.ToJsonString() == "2026-11-28T12:30:00Z"
    assert duration_pb2.Duration(seconds=3, nanos=5_000_000).ToMilliseconds() == 3005
    box = any_pb2.Any()
    box.Pack(wrappers_pb2.StringValue(value="in"))
    value = wrappers_pb2.StringValue()
    assert box.Is(wrappers_pb2.StringValue.DESCRIPTOR) and box.Unpack(value) and value.value == "in"
    tree = struct_pb2.Struct()
    tree.update({"a": [1, None, {"b": True}]})
    assert json_format.MessageToDict(tree) == {"a": [1, None, {"b": True}]}


def test_unknown_fields_are_kept():
    item = Item.FromString(shop().items[0].SerializeToString() + b"\xa8\x06\x05")
    assert item.SerializeToString().endswith(b"\xa8\x06\x05")


def test_large_messages():
    large = Shop(items=[Item(name=f"item {number}", codes=range(50)) for number in range(2000)])
    assert Shop.FromString(large.SerializeToString()) == large
