"""Make the cast of the demonstration in an instance folder: `python -m bench.cast FOLDER`."""

import sys

from flask_migrate import upgrade

from portal import config, create_app
from portal.demo import world
from portal.demo.households import cast


def main(folder: str) -> None:
    app = create_app(config.load({}, {"instance": folder}), is_demo=True)
    with app.app_context():
        upgrade()
        for _day in world.live(world.days_to_live(cast), cast):
            pass


if __name__ == "__main__":
    main(sys.argv[1])
