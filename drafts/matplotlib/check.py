"""Charts as bytes: pixels by Agg, text by FreeType and HarfBuzz, SVG and PDF, contours, triangles by Qhull, and errors."""

import io
import os
import zlib
from xml.etree import ElementTree

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import _path, _qhull, font_manager, ft2font, mathtext
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.collections import LineCollection
from PIL import Image

X = np.linspace(0, 2 * np.pi, 200)
SVG = "{http://www.w3.org/2000/svg}"


def saved(figure, format, **options):
    file = io.BytesIO()
    figure.savefig(file, format=format, **options)
    plt.close(figure)
    return file.getvalue()


def pixels(figure, **options):
    image = Image.open(io.BytesIO(saved(figure, "png", **options)))
    return np.asarray(image.convert("RGB")).astype(int)


def near(image, colour):
    """Where the image has nearly this colour."""
    return np.abs(image - colour).sum(axis=2) < 30


def test_the_libraries():
    assert all(module.__file__.endswith(".so") for module in (_path, _qhull, ft2font))
    assert ft2font.__freetype_version__ == "2.14.3"
    assert ft2font.__libraqm_version__ == "0.10.5" and matplotlib.get_backend().lower() == "agg"


def test_fonts_are_its_own():
    folder = matplotlib.get_data_path()
    files = [entry.fname for entry in font_manager.fontManager.ttflist + font_manager.fontManager.afmlist]
    assert len(files) == 101 and all(name.startswith(folder) and os.path.exists(name) for name in files)
    assert not os.path.exists(matplotlib.get_cachedir())
    assert font_manager.findfont("no such font").endswith("DejaVuSans.ttf")


def test_lines():
    figure, axes = plt.subplots(figsize=(4, 3), dpi=100)
    axes.plot(X, np.sin(X), color="#ff0000", linewidth=3)
    axes.set_ylim(-1.5, 1.5)
    axes.set_title("sin")
    image = pixels(figure)
    assert image.shape == (300, 400, 3) and (image[0, 0] == 255).all()
    rows, columns = np.nonzero(near(image, (255, 0, 0)))
    # The curve goes up before it goes down.
    left, right = rows[columns < 200].mean(), rows[columns > 220].mean()
    assert left < 120 < right and len(rows) > 500
    assert near(image, (0, 0, 0)).sum() > 200


def test_bars_and_images():
    figure, (left, right) = plt.subplots(1, 2, figsize=(4, 2), dpi=100)
    left.bar(["a", "b"], [1, 3], color=["#00ff00", "#0000ff"])
    right.imshow(np.arange(16).reshape(4, 4), cmap="viridis", interpolation="nearest")
    image = pixels(figure)
    green, blue = near(image, (0, 255, 0)).sum(), near(image, (0, 0, 255)).sum()
    assert 2.8 < blue / green < 3.2
    for index in (0, 5, 15):
        colour = [round(255 * part) for part in matplotlib.colormaps["viridis"](index / 15)[:3]]
        assert near(image, colour).sum() > 200, index


def test_text():
    font = ft2font.FT2Font(font_manager.findfont("DejaVu Sans"))
    font.set_size(24, 72)
    font.set_text("VAVA")
    kerned = font.get_width_height()[0]
    font.set_text("VVAA")
    assert font.family_name == "DejaVu Sans" and kerned < font.get_width_height()[0]
    figure = plt.figure(figsize=(3, 1), dpi=100)
    figure.text(0.1, 0.4, "Größe: שלום", fontsize=20)
    rows, columns = np.nonzero(pixels(figure)[:, :, 0] < 128)
    assert 25 < columns.min() < 40 and columns.max() > 150 and 15 < np.ptp(rows) < 30


def test_formulas():
    parsed = mathtext.MathTextParser("agg").parse(r"$\sqrt{\frac{x^2}{\alpha}}$", dpi=100)
    ink = np.asarray(parsed.image)
    assert ink.max() == 255 and 20 < ink.shape[0] < 60
    figure = plt.figure()
    figure.text(0.5, 0.5, r"$\sum_{i=0}^\infty x_i$")
    data = saved(figure, "svg")
    assert b'id="DejaVuSansDisplay-' in data and b'id="DejaVuSans-Oblique-' in data
    try:
        mathtext.MathTextParser("agg").parse(r"$\frac{1}$")
    except ValueError as error:
        assert "Expected \\frac{num}{den}" in str(error)
    else:
        raise AssertionError("parsed")


def test_svg():
    with plt.rc_context({"svg.fonttype": "none", "svg.hashsalt": "same"}):
        figure, axes = plt.subplots()
        axes.plot([1, 2, 3], label="a < b")
        axes.legend(title="Größe")
        data = saved(figure, "svg", metadata={"Date": None})
    root = ElementTree.fromstring(data)
    texts = ["".join(text.itertext()).strip() for text in root.iter(f"{SVG}text")]
    assert root.get("viewBox") == "0 0 460.8 345.6" and "a < b" in texts and "Größe" in texts
    assert len(list(root.iter(f"{SVG}path"))) > 5


def test_pdf():
    file = io.BytesIO()
    with PdfPages(file) as pages:
        for title in ("one", "two"):
            figure, axes = plt.subplots()
            axes.set_title(title)
            axes.plot(X, X**2)
            pages.savefig(figure)
            plt.close(figure)
    data = file.getvalue()
    assert data.startswith(b"%PDF-1.4") and data.rstrip().endswith(b"%%EOF")
    assert b"/Count 2" in data and b"DejaVuSans" in data
    start = data.index(b"stream\n", data.index(b"/FlateDecode")) + 7
    assert zlib.decompressobj().decompress(data[start:])


def test_contours():
    y, x = np.mgrid[-2:2:81j, -2:2:81j]
    figure, axes = plt.subplots()
    lines = axes.contour(x, y, x**2 + y**2, levels=[1, 2.25])
    for path, radius in zip(lines.get_paths(), (1, 1.5)):
        assert np.allclose(np.hypot(*path.vertices.T), radius, atol=0.01)
    axes.clabel(lines)
    axes.contourf(x, y, x * y, levels=8, cmap="coolwarm")
    assert len(np.unique(pixels(figure).reshape(-1, 3), axis=0)) > 50


def test_triangles():
    triangles = matplotlib.tri.Triangulation([0, 1, 0, 1, 0.5], [0, 0, 1, 1, 0.4])
    assert triangles.triangles.shape == (4, 3) and (triangles.triangles == 4).any(axis=1).all()
    assert triangles.get_trifinder()(0.5, 0.1) == next(i for i, t in enumerate(triangles.triangles) if {0, 1, 4} == set(t))
    try:
        matplotlib.tri.Triangulation([0, 1, 2], [0, 1, 2])
    except RuntimeError as error:
        assert "qhull" in str(error)
    else:
        raise AssertionError("triangles on a line")


def test_paths():
    square = matplotlib.path.Path.unit_rectangle()
    assert square.contains_points([(0.5, 0.5), (2, 0)]).tolist() == [True, False]
    assert square.intersects_path(matplotlib.path.Path([(0.5, 0.5), (2, 2)]))
    segments = np.dstack([np.tile(X, (3, 1)), np.sin(X) * [[1], [2], [3]]])
    figure, axes = plt.subplots(subplot_kw={"projection": "3d"})
    axes.plot_surface(*np.mgrid[0:1:5j, 0:1:5j], np.eye(5))
    polar = figure.add_axes((0.7, 0.7, 0.3, 0.3), projection="polar")
    polar.add_collection(LineCollection(segments, colors="m"))
    assert near(pixels(figure), (191, 0, 191)).sum() > 50


def test_dates_and_styles():
    with plt.style.context("ggplot"):
        figure, axes = plt.subplots()
        axes.plot(np.arange("2026-01", "2026-03", dtype="datetime64[D]"), np.arange(59))
        figure.canvas.draw()
        labels = [label.get_text() for label in axes.get_xticklabels()]
        assert "2026-01-15" in labels and axes.get_facecolor()[:3] == matplotlib.colors.to_rgb("#E5E5E5")
    assert near(pixels(figure), (0xE5, 0xE5, 0xE5)).sum() > 10_000


def test_errors():
    figure, axes = plt.subplots()
    for function, words in (
        (lambda: axes.plot([1, 2], [1, 2, 3]), "same first dimension"),
        (lambda: axes.plot([1], color="no colour"), "not a valid value for color"),
        (lambda: figure.savefig(io.BytesIO(), format="bmp"), "is not supported"),
        (lambda: ft2font.FT2Font(io.BytesIO(b"no font" * 99)), "broken file"),
    ):
        try:
            function()
        except (ValueError, RuntimeError) as error:
            assert words in str(error), error
        else:
            raise AssertionError(words)
    plt.close(figure)
