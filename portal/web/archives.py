"""ZIP files that are written to disk before they are sent: of one only the part under way is in memory, a slow reader
keeps nothing of the database, and one that cannot be written is never sent in half.
"""

from collections.abc import Iterable
from datetime import datetime
from tempfile import TemporaryFile
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from flask import Response, request
from werkzeug.wsgi import wrap_file

Files = Iterable[tuple[str, Iterable[str]]]


def archive(files: Files, name: str, *, made_at: datetime) -> Response:
    """The files, each a name and its parts in order, as one download of this name. The file on disk has no name, and
    is gone with the answer.
    """
    disk = TemporaryFile()  # noqa: SIM115  (closed by the server with the answer)
    with ZipFile(disk, "w", ZIP_DEFLATED) as whole:
        for inside, texts in files:
            about = ZipInfo(inside, made_at.timetuple()[:6])
            about.compress_type = ZIP_DEFLATED
            with whole.open(about, "w") as file:
                for text in texts:
                    file.write(text.encode())
    size = disk.tell()
    disk.seek(0)
    response = Response(wrap_file(request.environ, disk), content_type="application/zip", direct_passthrough=True)
    response.content_length = size
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response
