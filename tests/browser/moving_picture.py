"""The README's moving picture: a slider of a widget in JupyterLab, and the fit that follows it.

``python -m tests.browser.moving_picture docs/img/random_intercept.gif`` makes it anew, and
beside it its first frame as a PNG, for those who want no motion.
"""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageOps
from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import CHROMIUM_FLAGS, PATIENCE, Lab, find_chromium
from tests.browser.gallery import Gallery

WAITS = "▶ tells how this picture comes about."
NAME, SLIDER = "RandomInterceptAnimator", "before marriage, moved by"
STEPS = 20  # of the slider, a key each, from where it begins to its end
COLOURS, WIDTH, MARGIN = 128, 780, 10
BEAT, REST = 130, 1500  # ms of a picture, and of those at the ends


def main(path: str) -> None:
    """Write the picture."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as scratch:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        lab = Lab(Path(scratch))
        try:
            lab.wait()
            pictures = photographs(Gallery(chromium, lab, [NAME]))
        finally:
            lab.stop()
            chromium.close()
    there_and_back = [*pictures, *pictures[-2:0:-1]]
    beats = [BEAT] * len(there_and_back)
    beats[0] = beats[STEPS] = REST
    first, *others = in_few_colours(there_and_back)
    first.save(path, save_all=True, append_images=others, duration=beats, loop=0, optimize=True)
    first.save(Path(path).with_suffix(".png"), optimize=True)
    print(f"{path}: {first.size}, {Path(path).stat().st_size / 1000:.0f} kB")


def photographs(gallery) -> list[Image.Image]:
    """The widget at each place of its slider, settled."""
    widget = gallery.widget(NAME)
    widget.evaluate("(node) => node.scrollIntoView()")
    handle = widget.locator(".widget-hslider", has_text=SLIDER).locator(".noUi-handle")
    number, caption = (widget.locator(part).first for part in (".hlm-readout td", ".stage-caption"))
    pictures = []
    for key in ["ArrowLeft", *["ArrowRight"] * (STEPS + 1)]:
        before = number.inner_text()
        handle.focus()
        gallery.page.keyboard.press(key)
        expect(number).not_to_have_text(before, timeout=PATIENCE)  # the refit is shown
        expect(caption).to_have_text(WAITS, timeout=PATIENCE)  # and its story is there
        gallery.page.wait_for_timeout(400)  # the way there
        picture = Image.open(io.BytesIO(widget.screenshot())).convert("RGB")
        pictures.append(ImageOps.expand(picture, MARGIN, picture.getpixel((0, picture.height - 1))))
    return pictures[1:]  # without the step aside, which ended the story of the beginning


def in_few_colours(pictures) -> list[Image.Image]:
    """All with one palette, so that what stands still costs nothing."""
    width, height = pictures[0].size
    size = WIDTH, round(height * WIDTH / width)
    small = [one.resize(size, Image.Resampling.LANCZOS) for one in pictures]
    sheet = Image.new("RGB", (size[0], 2 * size[1]))
    for place, one in enumerate((small[0], small[STEPS])):
        sheet.paste(one, (0, place * size[1]))
    ways = {"method": Image.Quantize.MAXCOVERAGE, "dither": Image.Dither.NONE}
    palette = sheet.quantize(COLOURS, **ways)
    palette.putpalette(with_grey(palette.getpalette()))
    return [one.quantize(palette=palette, dither=Image.Dither.NONE) for one in small]


def with_grey(palette) -> list[int]:
    """A palette whose light tints are grey: paper has no hue."""
    triples = [palette[k : k + 3] for k in range(0, len(palette), 3)]
    tinted = [min(one) > 225 and max(one) - min(one) < 14 for one in triples]
    greys = [[round(sum(one) / 3)] * 3 for one in triples]
    chosen = zip(triples, greys, tinted, strict=True)
    return [value for one, grey, tint in chosen for value in (grey if tint else one)]


if __name__ == "__main__":
    main(*sys.argv[1:])
