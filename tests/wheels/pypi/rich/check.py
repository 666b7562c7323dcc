"""Rich: tables, markup, code and tracebacks as text and HTML."""

from io import StringIO

from rich.console import Console
from rich.markdown import Markdown
from rich.syntax import Syntax
from rich.table import Table


def printed(what, **options):
    out = StringIO()
    Console(file=out, width=40, **options).print(what)
    return out.getvalue()


def test_table():
    table = Table("name", "size", title="Files")
    table.add_row("a.txt", "12")
    text = printed(table)
    assert "Files" in text and "│ a.txt │ 12   │" in text, text


def test_markup_and_colour():
    assert printed("[bold red]x[/] 京", force_terminal=True, color_system="standard") == "\x1b[1;31mx\x1b[0m 京\n"


def test_markdown_and_syntax():
    assert "• one" in printed(Markdown("- one\n- two"))
    text = printed(Syntax("def f(): pass", "python"), force_terminal=True, color_system="truecolor")
    assert "\x1b[38;2;" in text and "def" in text, text


def test_html():
    console = Console(record=True, file=StringIO(), width=40)
    console.print("[green]ok[/] <b>")
    html = console.export_html()
    assert ">ok</span>" in html and "&lt;" in html and "<b>" not in html, html
