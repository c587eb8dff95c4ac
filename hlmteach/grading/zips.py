"""Zips of files in memory: the same files give the same bytes."""

import io
import zipfile
from collections.abc import Container, Mapping

LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip knows


def zip_of(files: Mapping[str, bytes], programs: Container[str] = ()) -> bytes:
    """Return a zip of files by their names in it, in the order given; `programs` can be run."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in files.items():
            entry = zipfile.ZipInfo(name, LONG_AGO)
            mode = 0o755 if name in programs else 0o644  # else nobody may read what is unpacked
            entry.external_attr = mode << 16
            archive.writestr(entry, file, zipfile.ZIP_DEFLATED)
    return content.getvalue()
