"""Deeds: every change of the world, one verb each. A deed gathers, decides, and records in one transaction."""
