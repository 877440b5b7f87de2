"""Pages as PDF files, where WeasyPrint is installed (the extra `pdf`); everywhere else the browser prints."""

from functools import cache
from importlib.util import find_spec
from mimetypes import guess_type
from typing import Any

from flask import Response

from portal.office import office

# Where the files of a page are while it becomes a PDF: a name that no machine has (RFC 2606).
OURS = "http://portal.invalid"


@cache
def is_available() -> bool:
    """WeasyPrint and the libraries that it needs are on this machine."""
    if find_spec("weasyprint") is None:
        return False
    try:
        import weasyprint  # noqa: F401  (the attempt is the answer: Pango may be missing)
    except OSError:
        return False
    return True


def file_of(page: Response, name: str) -> Response:
    """The page as it is printed, as a file of this name: tagged, so that it can be read aloud (PDF/UA)."""
    import weasyprint

    html = weasyprint.HTML(string=page.get_data(as_text=True), base_url=OURS, url_fetcher=_fetched)
    response = Response(html.write_pdf(pdf_variant="pdf/ua-1"), content_type="application/pdf")
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


def _fetched(address: str, *_options: Any, **_more: Any) -> Any:
    """A file of our own that a page refers to, as it was built; nothing is fetched from anywhere else."""
    from weasyprint.urls import URLFetcherResponse

    built = office().settings.instance / "static"
    file = built / address.removeprefix(f"{OURS}/static/")
    is_ours = address.startswith(f"{OURS}/static/") and file.resolve().is_relative_to(built) and file.is_file()
    kind = guess_type(file.name)[0] or "text/plain"
    return URLFetcherResponse(address, file.read_bytes() if is_ours else b"", {"Content-Type": kind})
