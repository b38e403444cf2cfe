"""Pictures: the photographs and papers that the demo town's inhabitants attach, drawn on the spot. Nothing in them is
real.
"""

import io
from random import Random

from PIL import Image, ImageDraw


def picture(chance: Random) -> bytes:
    """A small JPEG: a street, more or less."""
    sky, ground = (chance.randint(150, 210), chance.randint(170, 220), 235), (chance.randint(90, 130),) * 3
    image = Image.new("RGB", (480, 320), sky)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 200, 480, 320), fill=ground)
    for left in range(0, 480, 120):
        top = chance.randint(60, 130)
        draw.rectangle((left, top, left + 110, 200), fill=(chance.randint(180, 230), chance.randint(170, 210), 170))
    hole = chance.randint(120, 300)
    draw.ellipse((hole, 235, hole + chance.randint(50, 110), 275), fill=(50, 48, 46))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=70)
    return buffer.getvalue()


def paper(title: str) -> bytes:
    """A one-page PDF that says what it stands for."""
    page = Image.new("RGB", (595, 842), "white")
    draw = ImageDraw.Draw(page)
    draw.text((60, 80), f"{title} (exemple)", fill="black")
    for line in range(12):
        draw.rectangle((60, 140 + 26 * line, 535 - (line % 3) * 60, 146 + 26 * line), fill=(225, 225, 225))
    buffer = io.BytesIO()
    page.save(buffer, "PDF")
    return buffer.getvalue()
