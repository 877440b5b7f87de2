"""What the running portal holds beside its database: settings, policy, keys, clock, bank, post."""

from dataclasses import dataclass

from flask import current_app

from portal.clock import Clock
from portal.config import Settings
from portal.domain.policy import Policy
from portal.gateways.bank import Bank
from portal.gateways.post import Post
from portal.gateways.vault import Vault


@dataclass(frozen=True)
class Office:
    """One of these per application; `is_demo` turns on the demonstration's bar and clock."""

    settings: Settings
    policy: Policy
    vault: Vault
    clock: Clock
    bank: Bank
    post: Post
    is_demo: bool = False


def office() -> Office:
    """The office of the application at work."""
    found: Office = current_app.extensions["office"]
    return found
