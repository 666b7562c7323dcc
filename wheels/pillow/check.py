"""Images in memory: formats, filters, drawing, text and colours, by the extensions in C."""

import io
import math

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageMath, ImageOps, features


def gradient(size=(64, 48)):
    image = Image.new("RGB", size)
    image.putdata([(x * 4 % 256, y * 5 % 256, (x + y) % 256) for y in range(size[1]) for x in range(size[0])])
    return image


def packed(image, format, **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    file.seek(0)
    return file


def difference(one, other):
    """The mean of all differences of bytes."""
    data = ImageChops.difference(one, other).tobytes()
    return sum(data) / len(data)


def test_the_parts_that_are_built():
    assert all(features.check(name) for name in ("pil", "freetype2", "jpg", "zlib"))
    assert features.version("freetype2") and features.version("jpg") and features.version("zlib")


def test_formats_without_loss():
    image = gradient()
    for format in ("PNG", "BMP", "TIFF", "PPM", "TGA", "SGI"):
        assert Image.open(packed(image, format)).convert("RGB").tobytes() == image.tobytes(), format
    assert packed(image, "PNG", optimize=True, compress_level=9).read().startswith(b"\x89PNG")
    for mode in ("1", "L", "LA", "P", "RGBA", "I;16"):
        one = image.convert("I").convert(mode) if mode == "I;16" else image.convert(mode)
        other = Image.open(packed(one, "PNG"))
        assert other.mode == mode and other.tobytes() == one.tobytes(), mode


def test_jpeg():
    image = gradient()
    sizes = []
    for quality in (30, 95):
        file = packed(image, "JPEG", quality=quality, subsampling=0, progressive=quality > 50)
        sizes.append(len(file.getvalue()))
        assert difference(Image.open(file), image) < 12 - quality / 10
    assert sizes[0] < sizes[1]
    grey = Image.open(packed(image.convert("L"), "JPEG"))
    assert grey.mode == "L" and difference(grey, image.convert("L")) < 3
    small = Image.open(packed(gradient((640, 480)), "JPEG"))
    small.draft("RGB", (160, 120))
    assert small.size == (160, 120)


def test_damaged_files_are_errors():
    damaged = packed(gradient(), "JPEG").getvalue()[:300]
    broken = bytearray(packed(gradient(), "PNG").getvalue())
    broken[60] ^= 255
    for data in (damaged, bytes(broken), b"no image", b""):
        try:
            Image.open(io.BytesIO(data)).load()
        except (OSError, SyntaxError):
            pass
        else:
            raise AssertionError(data)


def test_gif_with_frames():
    frames = [Image.new("P", (8, 8), number) for number in range(5)]
    for frame in frames:
        frame.putpalette([value for index in range(256) for value in (index, 255 - index, 0)])
    file = packed(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=40, loop=0)
    read = Image.open(file)
    assert read.n_frames == 5 and read.info["duration"] == 40
    read.seek(4)
    assert read.convert("RGB").getpixel((0, 0)) == (4, 251, 0)


def test_geometry():
    image = gradient()
    assert image.resize((32, 24), Image.Resampling.LANCZOS).size == (32, 24)
    assert image.rotate(90, expand=True).rotate(270, expand=True).tobytes() == image.tobytes()
    assert ImageOps.mirror(ImageOps.flip(image)).tobytes() == image.transpose(Image.Transpose.ROTATE_180).tobytes()
    turned = image.transform((64, 48), Image.Transform.AFFINE, (1, 0, 3, 0, 1, 2), Image.Resampling.BICUBIC)
    assert turned.getpixel((10, 10)) == image.getpixel((13, 12))
    assert image.reduce(4).size == (16, 12)
    image.thumbnail((10, 10))
    assert image.size == (10, 8)


def test_filters_and_statistics():
    image = gradient().convert("L")
    assert sum(image.histogram()) == 64 * 48
    point = Image.new("L", (9, 9))
    point.putpixel((4, 4), 255)
    blurred = point.filter(ImageFilter.GaussianBlur(1))
    assert 30 < blurred.getpixel((4, 4)) < 50 and abs(sum(blurred.tobytes()) - 255) < 25
    assert point.filter(ImageFilter.Kernel((3, 3), [1] * 9, 1)).getbbox() == (3, 3, 6, 6)
    assert point.filter(ImageFilter.MaxFilter(5)).getbbox() == (2, 2, 7, 7)
    assert ImageEnhance.Brightness(image).enhance(0).getextrema() == (0, 0)
    assert ImageMath.lambda_eval(lambda args: args["a"] * 2 + 1, a=Image.new("I", (2, 2), 20)).getpixel((0, 0)) == 41


def test_drawing():
    image = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((10, 10, 89, 89), fill="#ff8000", outline="black", width=2)
    draw.polygon([(50, 20), (80, 70), (20, 70)], fill=(0, 0, 255, 128))
    area = sum(1 for alpha in image.getchannel("A").tobytes() if alpha)
    assert abs(area - math.pi * 40 * 40) < 80
    assert image.getpixel((50, 12)) == (255, 128, 0, 255) and image.getpixel((50, 50)) == (0, 0, 255, 128)
    over = Image.alpha_composite(Image.new("RGBA", (100, 100), "white"), image)
    assert over.getpixel((50, 50)) == (127, 127, 255, 255)


def test_text():
    font = ImageFont.load_default(24)
    assert isinstance(font, ImageFont.FreeTypeFont) and font.getname() == ("Aileron", "Regular")
    assert font.getlength("WW") > 2 * font.getlength("i") > 0
    image = Image.new("L", (200, 40))
    ImageDraw.Draw(image).text((5, 5), "Grüße!", 255, font)
    left, top, right, bottom = image.getbbox()
    assert 5 <= left < 10 and 60 < right < 110 and bottom - top > 15 and image.getextrema() == (0, 255)
    try:
        ImageFont.truetype(io.BytesIO(b"no font"), 10)
    except OSError:
        pass
    else:
        raise AssertionError("no font")


def test_quantizing():
    image = gradient()
    for method in (Image.Quantize.MEDIANCUT, Image.Quantize.MAXCOVERAGE, Image.Quantize.FASTOCTREE):
        few = image.quantize(16, method)
        assert len(few.getcolors()) <= 16 and difference(few.convert("RGB"), image) < 40


def test_buffers():
    image = Image.frombytes("RGB", (2, 1), bytes(range(6)))
    assert image.tobytes("raw", "BGR") == bytes([2, 1, 0, 5, 4, 3])
    assert Image.frombuffer("L", (3, 1), b"abc", "raw", "L", 0, 1).getpixel((2, 0)) == ord("c")
    assert image.__array_interface__["shape"] == (1, 2, 3)
