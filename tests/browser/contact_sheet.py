"""One picture of all widgets, from a real browser: are they one family?

``python -m tests.browser.contact_sheet FOLDER`` writes a sheet of each kind (`light`, `dark`,
`wide`, `phone` in JupyterLab, `present` as on a projector) and a picture of each widget. Name
kinds, widgets or `NAME:PRESET` after the folder to see only these.
"""

import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM_FLAGS, Lab, find_chromium
from tests.browser.gallery import NAMES, Gallery, Projector, presets_of

SIZES = {"light": (1280, 800), "dark": (1280, 800), "wide": (1920, 1080), "phone": (390, 844)}
COLUMNS, MARGIN = 3, 24


def main(folder: str, *wanted: str) -> None:
    """Write the pictures and print what was measured."""
    kinds = [one for one in wanted if one in (*SIZES, "present")] or [*SIZES, "present"]
    asked = [one.partition(":")[::2] for one in wanted if one not in kinds]
    shown = [(name, preset) for name, preset in asked] or [(name, "") for name in NAMES]
    Path(folder).mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as scratch:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        lab = Lab(Path(scratch))
        try:
            lab.wait()
            for kind in kinds:
                take(chromium, lab, Path(folder), kind, shown)
        finally:
            lab.stop()
            chromium.close()


def take(chromium, lab, folder, kind, shown) -> None:
    """Photograph each widget as this kind shows it, and put all on a sheet."""
    if kind == "present":
        gallery = Projector(chromium, lab)
        shown = [(name, preset) for name, preset in shown if presets_of(name)]
    else:
        names = list(dict.fromkeys(name for name, _ in shown))
        gallery = Gallery(chromium, lab, names, "dark" if kind == "dark" else "light")
        gallery.resize(*SIZES[kind])
    pictures = []
    for name, preset in shown:
        if presets_of(name):
            gallery.start_from(name, preset or presets_of(name)[0])
        pictures.append(folder / f"{name}{'-' * bool(preset)}{preset}-{kind}.png".replace(" ", "_"))
        gallery.photograph(name, pictures[-1])
        print(kind, name, preset, gallery.measure(name), flush=True)
    gallery.close()
    sheet(pictures).save(folder / f"sheet-{kind}.png")


def sheet(files) -> Image.Image:
    """Lay pictures out in columns of one width, each as high as it is."""
    images = [Image.open(file).convert("RGB") for file in files]
    width = max(image.width for image in images)
    tops = [MARGIN] * COLUMNS
    places = []
    for image in images:
        column = tops.index(min(tops))
        places.append((MARGIN + column * (width + MARGIN), tops[column]))
        tops[column] += image.height + MARGIN
    ink = images[0].getpixel((0, 0))
    whole = Image.new("RGB", (MARGIN + COLUMNS * (width + MARGIN), max(tops)), ink)
    for image, place in zip(images, places, strict=True):
        whole.paste(image, place)
    return whole


if __name__ == "__main__":
    main(*sys.argv[1:])
