"""The portal under its own server on a stopped day: `python -m tests.journeys.serve FOLDER PORT [demo]`."""

import sys
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

from portal import config, create_app, server
from portal.demo import clock, world
from portal.demo.households import cast
from tests.stopped_clock import NOW, StoppedClock

MAIL_EVERY_SECONDS = 0.2


def main(folder: str, port: str, *kind: str) -> None:
    address = f"http://127.0.0.1:{port}"
    settings = config.load({}, {"instance": folder, "port": port, "address": address})
    app = create_app(settings, is_demo="demo" in kind)
    app.extensions["office"] = replace(app.extensions["office"], clock=StoppedClock(NOW))
    # The town of these tests is the cast alone.
    clock.world = SimpleNamespace(  # type: ignore[assignment]
        days_to_live=partial(world.days_to_live, cast), live=partial(world.live, people=cast)
    )
    # Nobody waits for the mail here.
    server.MAIL_EVERY_SECONDS = MAIL_EVERY_SECONDS  # type: ignore[assignment]
    server.serve(app)


if __name__ == "__main__":
    main(*sys.argv[1:])
