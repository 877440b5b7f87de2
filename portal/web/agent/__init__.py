"""The agent's desk: finding the caller, one taxpayer at a glance, what is entered, asked for and worked through."""

from portal.web.agent import approvals, batches, deeds, oversight, search, support, taxpayer, worklists
from portal.web.agent.desk import bp

__all__ = ["approvals", "batches", "bp", "deeds", "oversight", "search", "support", "taxpayer", "worklists"]
