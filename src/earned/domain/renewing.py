"""Subscriptions that billing renews: whose term is over, and which renew by themselves."""

from datetime import date
from enum import StrEnum

from earned.domain.subscription import Subscription


class Renewal(StrEnum):
    """Which subscriptions billing renews before it bills them."""

    NONE = "None"
    AUTO = "Autorenew"
    ALL = "All"


def is_up_for_renewal(subscription: Subscription, target: date, renewal: Renewal) -> bool:
    """Say whether a subscription is to be renewed: its next term begins by the target date."""
    end = subscription.term_end_date
    if renewal is Renewal.NONE or subscription.status != "Active" or end is None:
        return False
    return end <= target and (renewal is Renewal.ALL or subscription.auto_renew)
