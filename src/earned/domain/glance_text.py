"""Balances at a glance in the words of the wire, and as rows of a table."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from earned.domain.crediting import own_price_minor
from earned.domain.exact import canonical
from earned.domain.glance import BalanceGlance, FundGlance, Glance, OverageGlance, PeriodGlance
from earned.domain.money import Currency, major
from earned.domain.prepaid import Fund

NUMBERS = (
    *("funded", "drawn", "left", "expired", "rolled", "credited", "price"),
    *("quantity", "amount"),
)
COLUMNS = ("balance", "valid", "charge", "state", *NUMBERS[:7])
OVERAGE_COLUMNS = ("overage", "service period", *NUMBERS[7:])
_NOTHING = "-"


def wire_glance(glance: Glance) -> Mapping[str, object]:
    """Return everything, as HTTP and `--json` answer it."""
    return {
        "success": True,
        "accountNumber": glance.account_number,
        "asOf": glance.day,
        "balances": [_balance(one) for one in glance.balances],
        "overage": [_overage(one) for one in glance.overage],
    }


def fund_rows(glance: Glance) -> Iterator[Sequence[str]]:
    """Yield a row for each fund, with `COLUMNS`."""
    for balance in glance.balances:
        for period in balance.periods:
            for one in period.funds:
                yield _row(balance, one)


def overage_rows(glance: Glance) -> Iterator[Sequence[str]]:
    """Yield a row for each overage, with `OVERAGE_COLUMNS`."""
    for one in glance.overage:
        last = one.service.end - timedelta(1)
        quantity = "" if one.quantity is None else f"{_shown(one.quantity)} {one.uom or ''}".strip()
        amount = major(one.amount_minor, Currency.of(one.currency))
        days = f"{one.service.start} to {last}"
        yield one.charge_number, days, quantity, f"{amount:,} {one.currency}"


def _balance(glance: BalanceGlance) -> Mapping[str, object]:
    row = glance.balance
    return {
        "id": row.id,
        "name": row.name,
        "uom": row.uom,
        "prepaymentUnitType": "CURRENCY" if row.is_of_currency else "UNIT",
        "scope": row.scope,
        "state": row.state,
        "startDate": row.start_date,
        "endDate": row.end_date,
        "totalFund": canonical(row.total_fund),
        "balance": canonical(row.balance),
        "validityPeriods": [_period(one) for one in glance.periods],
    }


def _period(glance: PeriodGlance) -> Mapping[str, object]:
    return {
        "id": glance.period.id,
        "startDate": glance.period.start_date,
        "endDate": glance.period.end_date,
        "totalBalance": canonical(glance.period.total_balance),
        "remainingBalance": canonical(glance.period.remaining_balance),
        "funds": [_fund(one) for one in glance.funds],
    }


def _fund(glance: FundGlance) -> Mapping[str, object]:
    fund = glance.fund
    return {
        "id": fund.id,
        "chargeNumber": fund.charge_number,
        "chargeSegmentNumber": fund.charge_segment,
        "state": glance.state,
        "startDate": fund.start_date,
        "endDate": fund.end_date,
        "priority": fund.priority,
        "drawdownScope": fund.scope,
        "currency": fund.currency,
        "fundingPrice": _price(fund),
        "originalFundingPrice": major(fund.funding_price_minor, Currency.of(fund.currency)),
        "funded": canonical(fund.funded_balance),
        "drawn": canonical(glance.drawn),
        "left": canonical(fund.balance),
        "expired": canonical(fund.expired),
        "depleted": canonical(fund.depleted),
        "rolledOver": canonical(fund.rolled_over),
        "rolledBack": canonical(fund.rolled_back),
        "credited": canonical(glance.credited),
    }


def _overage(one: OverageGlance) -> Mapping[str, object]:
    return {
        "chargeNumber": one.charge_number,
        "uom": one.uom,
        "serviceStartDate": one.service.start,
        "serviceEndDate": one.service.end - timedelta(1),
        "quantity": None if one.quantity is None else canonical(one.quantity),
        "amount": major(one.amount_minor, Currency.of(one.currency)),
        "currency": one.currency,
    }


def _row(balance: BalanceGlance, one: FundGlance) -> Sequence[str]:
    fund = one.fund
    rolled = [_shown(units) for units in (fund.rolled_over, fund.rolled_back) if units]
    return (
        balance.balance.name,
        f"{fund.start_date} to {fund.last_day}",
        fund.charge_number,
        one.state,
        _shown(fund.funded_balance),
        _shown(one.drawn),
        _shown(fund.balance),
        _shown(fund.expired),
        " and ".join(rolled) or _NOTHING,
        _shown(one.credited),
        f"{_price(fund):,} {fund.currency}",
    )


def _price(fund: Fund) -> Decimal:
    """Return what a fund costs now: less what was credited, and what rolled on with its units."""
    minor = own_price_minor(fund) - fund.credited_minor
    return major(minor, Currency.of(fund.currency))


def _shown(units: Decimal) -> str:
    """Write units with their thousands apart, nothing as a dash."""
    return f"{canonical(units):,f}" if units else _NOTHING
