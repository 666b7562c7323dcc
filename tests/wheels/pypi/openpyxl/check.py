"""openpyxl: workbooks written and read."""

import datetime
from io import BytesIO

from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Font


def saved(book):
    out = BytesIO()
    book.save(out)
    return BytesIO(out.getvalue())


def test_there_and_back():
    book = Workbook()
    sheet = book.active
    sheet.append(["name", "date", "sum"])
    sheet.append(["é", datetime.date(2026, 1, 2), "=1+1"])
    sheet["A1"].font = Font(bold=True)
    sheet.merge_cells("A3:C3")
    sheet = load_workbook(saved(book)).active
    assert [cell.value for cell in sheet[2]] == ["é", datetime.datetime(2026, 1, 2), "=1+1"]
    assert sheet["A1"].font.bold and str(sheet.merged_cells) == "A3:C3"


def test_many_rows():
    book = Workbook(write_only=True)
    sheet = book.create_sheet("rows")
    for number in range(500):
        sheet.append([number, str(number)])
    rows = load_workbook(saved(book), read_only=True)["rows"].iter_rows(values_only=True)
    assert sum(row[0] for row in rows) == 124750


def test_chart():
    book = Workbook()
    for number in range(4):
        book.active.append([number])
    chart = BarChart()
    chart.add_data(Reference(book.active, min_col=1, min_row=1, max_row=4))
    book.active.add_chart(chart, "C1")
    assert len(load_workbook(saved(book)).active._charts) == 1
