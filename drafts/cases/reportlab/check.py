"""ReportLab: pages, text, tables, pictures, charts and bar codes in PDF."""

import io
import re
import zlib
from base64 import a85decode

from PIL import Image
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode import code128
from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table


def streams(data):
    """The decoded contents of a file."""
    found = re.findall(rb"/Filter \[ /ASCII85Decode /FlateDecode \].*?stream\r?\n(.*?)endstream", data, re.DOTALL)
    return [zlib.decompress(a85decode(b"<~" + one.strip(), adobe=True)) for one in found]


def test_canvas():
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, invariant=True)
    canvas.setTitle("Größe")
    canvas.drawString(72, 720, "Hello (world)")
    canvas.line(72, 700, 200, 700)
    canvas.showPage()
    canvas.save()
    data = file.getvalue()
    assert data.startswith(b"%PDF-1.") and data.rstrip().endswith(b"%%EOF") and b"/Count 1" in data
    (page,) = streams(data)
    assert b"(Hello \\(world\\)) Tj" in page and b"72 700 m 200 700 l S" in page
    assert stringWidth("iii", "Helvetica", 10) < stringWidth("WWW", "Helvetica", 10) == 28.32


def test_flow():
    file = io.BytesIO()
    style = getSampleStyleSheet()["Normal"]
    table = Table([["a", "b"], [1, 2]], style=[("GRID", (0, 0), (-1, -1), 1, colors.red)])
    story = [Paragraph("<b>bold</b> and <font color='blue'>blue</font> " * 40, style), PageBreak(), table]
    SimpleDocTemplate(file, pagesize=A4).build(story)
    data = file.getvalue()
    first, second = streams(data)
    assert b"/Count 2" in data and b"/Helvetica-Bold" in data
    assert b"0 0 1 rg" in first and first.count(b"bold") == 40 and b"1 0 0 RG" in second


def test_pictures():
    picture = Image.new("RGB", (30, 20), "#204060")
    png = io.BytesIO()
    picture.save(png, "PNG")
    png.seek(0)
    file = io.BytesIO()
    canvas = Canvas(file)
    canvas.drawImage(ImageReader(png), 10, 10, 60, 40)
    canvas.save()
    data = file.getvalue()
    assert b"/Width 30" in data and b"/Height 20" in data
    assert bytes([0x20, 0x40, 0x60]) * 600 in streams(data)


def test_charts_and_codes():
    drawing = Drawing(200, 100)
    chart = VerticalBarChart()
    chart.data = [(1, 3, 2)]
    drawing.add(chart)
    file = io.BytesIO()
    canvas = Canvas(file)
    renderPDF.draw(drawing, canvas, 50, 50)
    code128.Code128("A1").drawOn(canvas, 50, 200)
    canvas.save()
    (page,) = streams(file.getvalue())
    assert page.count(b" re") > 10
