"""pypdf: pages made, merged, turned, locked and read."""

from io import BytesIO

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PdfReadError
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject


def document(*texts):
    writer = PdfWriter()
    for text in texts:
        page = writer.add_blank_page(200, 100)
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 10 50 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
    return writer


def saved(writer):
    out = BytesIO()
    writer.write(out)
    return BytesIO(out.getvalue())


def test_text():
    writer = document("Hello", "World")
    writer.add_metadata({"/Title": "é"})
    for page in writer.pages:
        page.compress_content_streams()
    reader = PdfReader(saved(writer))
    assert [page.extract_text() for page in reader.pages] == ["Hello", "World"] and reader.metadata.title == "é"


def test_merged_and_turned():
    writer = PdfWriter()
    for text in ["a", "b"]:
        writer.append(saved(document(text)))
    writer.pages[1].rotate(90)
    pages = PdfReader(saved(writer)).pages
    assert [(page.extract_text(), page.rotation) for page in pages][0] == ("a", 0) and pages[1].rotation == 90


def test_locked():
    writer = document("secret")
    writer.encrypt("user", algorithm="RC4-128")
    reader = PdfReader(saved(writer))
    assert reader.is_encrypted and reader.decrypt("wrong") == 0 and reader.decrypt("user") != 0
    assert reader.pages[0].extract_text() == "secret"


def test_broken():
    try:
        PdfReader(BytesIO(b"no PDF"), strict=True)
    except PdfReadError:
        return
    raise AssertionError("a broken file is accepted")
