"""qrcode: as text and SVG, without Pillow."""

from io import BytesIO, StringIO

import qrcode
from qrcode.image.svg import SvgPathImage


def test_matrix():
    code = qrcode.QRCode(version=1, error_correction=qrcode.constants.ERROR_CORRECT_H, border=0)
    code.add_data("HELLO")
    code.make()
    rows = code.get_matrix()
    assert len(rows) == 21 and rows[0][:7] == [True] * 7 and rows[1][:7] == [True] + [False] * 5 + [True]


def test_text():
    code = qrcode.QRCode()
    code.add_data("http://example.com/é")
    out = StringIO()
    code.print_ascii(out)
    assert "█" in out.getvalue()


def test_svg():
    out = BytesIO()
    qrcode.make("check", image_factory=SvgPathImage).save(out)
    assert b"<svg" in out.getvalue() and b"<path" in out.getvalue()


def test_too_much():
    code = qrcode.QRCode()
    code.add_data("x" * 5000)
    try:
        code.make()
    except (qrcode.exceptions.DataOverflowError, ValueError):
        return
    raise AssertionError("too many bytes are accepted")
