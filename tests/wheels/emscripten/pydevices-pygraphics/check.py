"""Drawing into memory, in C."""

from pygraphics import RGB565, FrameBuffer

WIDTH, HEIGHT = 16, 8


def canvas():
    return FrameBuffer(bytearray(2 * WIDTH * HEIGHT), WIDTH, HEIGHT, RGB565)


def points(image):
    return {(x, y) for x in range(WIDTH) for y in range(HEIGHT) if image.pixel(x, y)}


def test_rectangles_and_lines():
    image = canvas()
    image.fill_rect(2, 1, 3, 2, 0xF800)
    assert points(image) == {(x, y) for x in (2, 3, 4) for y in (1, 2)} and image.pixel(2, 1) == 0xF800
    image.fill(0)
    image.line(0, 0, 7, 7, 1)
    assert points(image) == {(n, n) for n in range(8)}
    image.fill(0)
    image.hline(1, 3, 5, 1)
    image.vline(0, 0, HEIGHT, 1)
    assert points(image) == {(x, 3) for x in range(1, 6)} | {(0, y) for y in range(HEIGHT)}


def test_a_circle_is_round():
    image = canvas()
    image.circle(4, 4, 3, 1)
    found = points(image)
    assert (4, 1) in found and (4, 4) not in found and {(y, x) for x, y in found} == found


def test_text_leaves_a_mark():
    image = canvas()
    image.text8("A", 0, 0, 1)
    assert 8 < len(points(image)) < 40


def test_parameters_are_checked():
    try:
        FrameBuffer(bytearray(3), WIDTH, HEIGHT, RGB565)
    except ValueError as error:
        assert "framebuffer" in str(error) or "buffer" in str(error)
    else:
        raise AssertionError("a buffer that is too small was taken")
