"""The stage of the jobs is the stage of the deeds."""

from tests.services.conftest import empty, empty_stage

__all__ = ["empty", "empty_stage"]
