"""The README's moving picture: a slider of a widget in JupyterLab, and the fit that follows it.

``python -m tests.browser.moving_picture docs/img/random_intercept.gif`` makes it anew.
"""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import CHROMIUM_FLAGS, Lab, find_chromium
from tests.browser.gallery import Gallery

NAME, SLIDER = "RandomInterceptAnimator", "before marriage, moved by"
STEPS, STRIDE = 12, 4  # pictures, and keys pressed before each
COLOURS, WIDTH = 48, 760
BEAT, REST = 110, 1200  # ms of a picture, and of those at the ends


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
    print(f"{path}: {first.size}, {Path(path).stat().st_size / 1000:.0f} kB")


def photographs(gallery) -> list[Image.Image]:
    """The widget at each place of its slider, settled."""
    widget = gallery.widget(NAME)
    gallery.finish(NAME)
    widget.evaluate("(node) => node.scrollIntoView()")
    slider = widget.locator(".widget-hslider", has_text=SLIDER)
    readout, pictures = slider.locator(".widget-readout"), []
    for step in range(STEPS + 1):
        for _ in range(STRIDE * bool(step)):
            before = readout.inner_text()
            slider.locator(".noUi-handle").focus()
            gallery.page.keyboard.press("ArrowRight")
            expect(readout).not_to_have_text(before)
        _, values, status = gallery.ask(NAME)
        gallery.wait_for(NAME, values, status)
        gallery.page.wait_for_timeout(400)  # the way there, and what the story's bar says of it
        pictures.append(Image.open(io.BytesIO(widget.screenshot())).convert("RGB"))
    return pictures


def in_few_colours(pictures) -> list[Image.Image]:
    """All with one palette, so that what stands still costs nothing."""
    width, height = pictures[0].size
    size = WIDTH, round(height * WIDTH / width)
    small = [one.resize(size, Image.Resampling.LANCZOS) for one in pictures]
    sheet = Image.new("RGB", (size[0], 2 * size[1]))
    for place, one in enumerate((small[0], small[STEPS])):
        sheet.paste(one, (0, place * size[1]))
    palette = sheet.quantize(COLOURS, dither=Image.Dither.NONE)
    return [one.quantize(palette=palette, dither=Image.Dither.NONE) for one in small]


if __name__ == "__main__":
    main(*sys.argv[1:])
