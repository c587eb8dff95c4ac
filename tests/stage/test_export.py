"""A stage as HTML, and the files that its buttons save."""

import base64
import io
import json
import re

import pytest
from PIL import Image


def test_the_fragment_fetches_nothing(stage, scene):
    scene.axes.set_title("</script> stays text")
    stage.alt = 'A "quoted" <text>.'
    stage.sync()
    text = stage.to_html()
    own_names = text.replace("http://www.w3.org/2000/svg", "")  # a name, not an address
    assert "http:" not in own_names
    assert "https:" not in own_names
    assert "import(" not in text
    assert not re.search(r"^\s*import\s", text, re.MULTILINE)
    assert 'alt="A &quot;quoted&quot; &lt;text&gt;."' in text
    assert text.count("</script>") == 2


def test_the_fragment_holds_the_state(stage, scene):
    def steps():
        for k in range(3):
            scene.line.set_ydata(scene.x / (2 + k))
            yield f"step {k}"

    stage.animate(steps())
    text = stage.to_html()
    data = json.loads(re.search(r'application/json">(.*?)</script>', text, re.DOTALL)[1])
    assert data["_film"]["captions"] == ["step 0", "step 1", "step 2"]
    assert data["_source"] == "film"
    values = stage.get_state("_scene")["_scene"]["values"]
    assert base64.b64decode(data["_scene"]["values"]["base64"]) == values
    assert "_esm" not in data
    assert "layout" not in data
    assert "<noscript><img" in text


def test_the_same_stage_gives_the_same_text(stage):
    assert stage.to_html() == stage.to_html()


@pytest.mark.parametrize(("kind", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_buttons_save_what_is_shown(watched, kind, start):
    watched.hear(type="save", format=kind)
    ((message, (data,)),) = watched.messages
    assert message == {"type": "file", "format": kind}
    assert data.startswith(start)


def test_no_other_format_is_saved(watched):
    watched.hear(type="save", format="pickle")
    assert watched.messages == []


def test_an_animation_becomes_a_moving_picture_and_the_artists_stay(stage, scene):
    def steps():
        for k in range(24):
            scene.line.set_ydata(scene.x / 2 + k / 8)
            yield

    stage.animate(steps(), rest=-1)
    with Image.open(io.BytesIO(stage.film_webp(120))) as moving:
        assert (moving.n_frames, moving.width) == (10, 120)
    assert scene.line.get_ydata()[0] == 23 / 8
