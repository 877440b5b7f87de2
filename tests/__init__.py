"""The tests: they mirror the portal file for file."""
