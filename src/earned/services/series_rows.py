"""The stored rows of a series: a daily consumption row and its revenue event for each day.

Ids are functions of the key, so that a row that was lost comes back as it was.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from earned.domain.accrual import DayKey, DayRow, ending_key
from earned.domain.consumption import (
    DailyConsumption,
    Ending,
    EventType,
    RatingResult,
    RevenueEvent,
)
from earned.domain.exact import divide_down
from earned.domain.identity import derived_id
from earned.domain.money import Currency, major
from earned.domain.prepaid import Fund
from earned.domain.subscription import RatePlanCharge
from earned.services.ports import Books

DayRows = Iterable[tuple[DayKey, DayRow]]
Stored = tuple[DailyConsumption, RevenueEvent]

_ENDINGS = {Ending.EXPIRY: EventType.FUND_EXPIRY, Ending.CREDIT: EventType.FUND_CREDIT}


@dataclass(frozen=True, slots=True)
class Series:
    """What all rows of a series share: whose revenue it is, and at what price a unit."""

    charge: RatePlanCharge
    event_type: EventType
    unit_price: Decimal | None
    fund: Fund | None = None
    rating: RatingResult | None = None

    @property
    def id(self) -> str:
        """The id of the fund or rating result."""
        source = self.fund or self.rating
        assert source is not None, "a series is of a fund or of a rating result"
        return source.id


def fund_series(books: Books, fund: Fund) -> Series:
    """Return the series of a fund: revenue of its prepayment charge, at `FP / FQ` a unit."""
    return series_of_fund(fund, charge_segment(books, fund.source_id, fund.charge_segment))


def series_of_fund(fund: Fund, charge: RatePlanCharge) -> Series:
    """Return the series of a fund whose charge is at hand."""
    price = major(fund.funding_price_minor, Currency.of(fund.currency))
    unit_price = divide_down(price, fund.funded_balance) if fund.funded_balance else None
    return Series(charge, EventType.DAILY_RATED_USAGE, unit_price, fund=fund)


def rating_series(books: Books, rating: RatingResult) -> Series:
    """Return the series of a rating result: revenue of the usage charge itself."""
    charge = charge_segment(books, rating.charge_id, rating.charge_segment)
    return Series(charge, EventType.UNBILLED_USAGE, None, rating=rating)


def charge_segment(books: Books, original_id: str, segment: int) -> RatePlanCharge:
    """Return the latest version of a charge segment that is known to exist."""
    found = books.charges.find(original_id=original_id, segment=segment, is_latest=True)
    assert found is not None, "ledger rows refer to charges that exist"
    return found


def series_rows(books: Books, series: Series, days: DayRows) -> list[Stored]:
    """Return the consumption row and the revenue event of each day."""
    return [_stored(books, series, key, row) for key, row in days]


def ending_id(fund_id: str, ending: Ending, day: date) -> str:
    """Return the id of the daily row of units that left a fund without usage."""
    return derived_id("day", *_parts(fund_id, ending_key(ending, day)))


def rollover_event_id(fund_id: str, day: date) -> str:
    """Return the id of the revenue event of units that rolled out of a fund."""
    return derived_id("event", fund_id, day, "ROLLOVER", 1)


def rollover_event(series: Series, day: date, row: DayRow) -> RevenueEvent:
    """Return the event of units that rolled on. It has no amount (U 1.14), and no daily row."""
    key = ending_key(Ending.EXPIRY, day)
    like = _event(rollover_event_id(series.id, day), series, _day(series, key, row, None))
    return replace(like, event_type=EventType.FUND_ROLLOVER, amount_minor=None)


def _parts(series_id: str, key: DayKey) -> tuple[object, ...]:
    return series_id, key.day, key.charge_id, key.charge_segment


def _stored(books: Books, series: Series, key: DayKey, row: DayRow) -> Stored:
    usage = None if key.ending else charge_segment(books, key.charge_id, key.charge_segment)
    consumption = _day(series, key, row, usage)
    identity = derived_id("event", *_parts(series.id, key))
    return consumption, _event(identity, series, consumption)


def _day(
    series: Series, key: DayKey, row: DayRow, usage: RatePlanCharge | None
) -> DailyConsumption:
    return DailyConsumption(
        id=derived_id("day", *_parts(series.id, key)),
        entity_id=series.charge.entity_id,
        account_id=series.charge.account_id,
        charge_id=series.charge.original_id,
        charge_segment=series.charge.segment,
        fund_id=series.fund.id if series.fund else None,
        rating_result_id=series.rating.id if series.rating else None,
        ending=key.ending,
        usage_charge_id=usage.original_id if usage else None,
        usage_charge_number=usage.number if usage else None,
        usage_charge_name=usage.name if usage else None,
        usage_charge_segment=usage.segment if usage else None,
        transaction_date=key.day,
        quantity=row.told,
        units=row.counted,
        amount_minor=row.amount_minor,
        currency=series.charge.currency,
        recognized_revenue_account=usage.recognized_revenue_account if usage else None,
        adjustment_revenue_account=usage.adjustment_revenue_account if usage else None,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _event(identity: str, series: Series, day: DailyConsumption) -> RevenueEvent:
    return RevenueEvent(
        id=identity,
        entity_id=day.entity_id,
        account_id=day.account_id,
        event_type=_ENDINGS[day.ending] if day.ending else series.event_type,
        subscription_name=series.charge.subscription_number,
        charge_id=day.charge_id,
        charge_number=series.charge.number,
        charge_segment=day.charge_segment,
        transaction_date=day.transaction_date,
        quantity=day.quantity,
        amount_minor=day.amount_minor,
        currency=day.currency,
        unit_price=series.unit_price,
        fund_id=day.fund_id,
        fund_start_date=series.fund.start_date if series.fund else None,
        fund_end_date=series.fund.end_date if series.fund else None,
        rating_result_id=day.rating_result_id,
        usage_charge_id=day.usage_charge_id,
        usage_charge_number=day.usage_charge_number,
        usage_charge_name=day.usage_charge_name,
        usage_charge_segment=day.usage_charge_segment,
        recognized_revenue_account=day.recognized_revenue_account,
        adjustment_revenue_account=day.adjustment_revenue_account,
        exclude_booking_from_revenue=series.charge.exclude_booking_from_revenue,
        exclude_billing_from_revenue=series.charge.exclude_billing_from_revenue,
        created_at=day.created_at,
        updated_at=day.updated_at,
    )
