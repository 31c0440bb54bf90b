"""Draft the items of a billing document from what a request says of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from earned.domain.billed import recognized_by
from earned.domain.billing import BillingDocumentItem, DocumentKind
from earned.domain.billing_rules import (
    check_count,
    check_service,
    check_total,
    read_amount,
    read_number,
    read_positive_amount,
)
from earned.domain.calendar import DAY
from earned.domain.catalog import ProductRatePlanCharge
from earned.domain.charge import ChargeTerms
from earned.domain.errors import Invalid, Missing, NotFound, RuleBroken
from earned.domain.money import Currency
from earned.domain.subscription import RatePlanCharge
from earned.domain.tenancy import CustomFields
from earned.services.find import charge_by_key, product_charge_by_key, subscription_by_key
from earned.services.item_codes import NO_CODES, NamedCodes, choose_codes, codes_of_terms
from earned.services.ports import Books

ONE_TIME, USAGE = "OneTime", "Usage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The document that items are drafted for."""

    id: str
    kind: DocumentKind
    account_id: str
    currency: str
    document_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """What a request says of one item; numbers as they were sent.

    `charge_key` names a charge of a subscription, `product_charge_key` one of the catalog. With
    `copies_charge`, a charge's own codes count and not those that are said, as in an invoice.
    """

    amount: object
    charge_key: str | None = None
    product_charge_key: str | None = None
    charge_name: str | None = None
    description: str | None = None
    sku: str | None = None
    uom: str | None = None
    quantity: object = None
    unit_price: object = None
    service_start: date | None = None
    service_end: date | None = None
    codes: NamedCodes = NO_CODES
    rule_name: str | None = None
    copies_charge: bool = False
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Origin:
    """What an item bills: a segment of a charge, a charge of the catalog, or neither."""

    charge: RatePlanCharge | None = None
    product_charge: ProductRatePlanCharge | None = None

    @property
    def terms(self) -> ChargeTerms | None:
        return self.charge or self.product_charge


def draft_items(
    books: Books, head: Head, items: Sequence[NewItem], where: str
) -> Sequence[BillingDocumentItem]:
    """Return the items of a document, checked one after the other; `where` is their field.

    Checked of each, in this order: the amount, the charge, its name, quantity and price, the
    service period, the rule, the accounting codes. Raises `Missing`, `Invalid` or `RuleBroken`.
    """
    check_count(len(items), where)
    drafted = [
        _draft(books, head, item, (place, f"{where}.{place - 1}"))
        for place, item in enumerate(items, 1)
    ]
    total = sum(item.amount_minor for item in drafted)
    check_total(total, Currency.of(head.currency), where)
    return drafted


def amount_of(books: Books, head: Head, value: object, name: str) -> int:
    """Return the amount of an item; only those of an invoice may be negative."""
    read = read_amount if head.kind is DocumentKind.INVOICE else read_positive_amount
    return read(value, books.currency(head.currency), name)


def check_rule(books: Books, name: str | None, where: str) -> str | None:
    """Return the rule that a request names, which is there and active. Raises `Invalid`."""
    if not name:
        return None
    rule = books.recognition_rules.find(name=name)
    if rule is None or not rule.active:
        state = "there is no" if rule is None else "inactive is the"
        message = f"'{where}.revenueRecognitionRuleName' value is invalid: {state} rule '{name}'"
        raise Invalid(message, field=f"{where}.revenueRecognitionRuleName")
    return name


def _draft(books: Books, head: Head, new: NewItem, place: tuple[int, str]) -> BillingDocumentItem:
    where = place[1]
    amount = amount_of(books, head, new.amount, f"{where}.amount")
    origin = _origin(books, head, new, where)
    facts = _facts(origin, new, where)
    start, end = _service(head, origin, new, where)
    terms = origin.terms
    said_rule = check_rule(books, new.rule_name, where)
    rule = said_rule or (terms and terms.revenue_recognition_rule_name) or None
    by = recognized_by(
        rule,
        is_prepayment=terms is not None and terms.is_topup,
        is_subscribed_usage=origin.charge is not None and origin.charge.charge_type == USAGE,
    )
    said = new.codes
    if terms is not None and new.copies_charge:
        said = NamedCodes(receivable=said.receivable)
    return BillingDocumentItem(
        id=books.new_id(),
        entity_id=books.scope.entity_id,
        document_id=head.id,
        place=place[0],
        account_id=head.account_id,
        amount_minor=amount,
        service_start=start,
        service_end=end,
        rule_name=rule,
        recognized_by=by,
        custom_fields=new.custom_fields,
        **facts,
        **choose_codes(books, said, codes_of_terms(terms), by, where),
        **books.stamp(),
    )


def _origin(books: Books, head: Head, new: NewItem, where: str) -> _Origin:
    """Find what an item bills. Raises `Invalid` or `RuleBroken`."""
    try:
        if new.charge_key:
            latest = charge_by_key(books, new.charge_key)
            charge = _segment(books, latest, new.service_start)
            _check_owner(books, head, charge, where)
            _check_same(charge, new, where)
            return _Origin(charge, None)
        if new.product_charge_key:
            return _Origin(None, product_charge_by_key(books, new.product_charge_key))
    except NotFound as missing:
        raise Invalid(missing.problems[0].message, field=where) from None
    return _Origin()


def _segment(books: Books, latest: RatePlanCharge, day: date | None) -> RatePlanCharge:
    """Return the segment of a charge in which service starts, else the latest."""
    segments = books.charges.list(original_id=latest.original_id, is_latest=True)
    return next((one for one in segments if day and one.covers(day)), latest)


def _check_owner(books: Books, head: Head, charge: RatePlanCharge, where: str) -> None:
    """A charge is billed to the account of its subscription, or to who pays for that."""
    if charge.account_id == head.account_id:
        return
    subscription = subscription_by_key(books, charge.subscription_id)
    if subscription.invoice_owner_id != head.account_id:
        message = f"Charge {charge.number} belongs to a subscription of another account."
        raise RuleBroken(message, field=f"{where}.ratePlanChargeId")


def _check_same(charge: RatePlanCharge, new: NewItem, where: str) -> None:
    if new.product_charge_key not in {None, "", charge.product_rate_plan_charge_id}:
        message = f"Charge {charge.number} was not made from the product charge that is named."
        raise Invalid(message, field=f"{where}.ratePlanChargeId")


def _facts(origin: _Origin, new: NewItem, where: str) -> dict[str, Any]:
    charge, terms = origin.charge, origin.terms
    name = terms.name if terms else new.charge_name
    if not name:
        raise Missing(f"'{where}.chargeName' may not be null", field=f"{where}.chargeName")
    return {
        "charge_id": charge and charge.original_id,
        "charge_segment": charge and charge.segment,
        "original_subscription_id": charge and charge.original_subscription_id,
        "product_charge_id": _product_charge_id(origin),
        "charge_name": name,
        "description": new.description,
        "sku": new.sku,
        "uom": terms.uom if terms else new.uom,
        "quantity": read_number(new.quantity, f"{where}.quantity"),
        "unit_price": read_number(new.unit_price, f"{where}.unitPrice"),
    }


def _product_charge_id(origin: _Origin) -> str | None:
    if origin.charge is not None:
        return origin.charge.product_rate_plan_charge_id
    return origin.product_charge.id if origin.product_charge else None


def _service(head: Head, origin: _Origin, new: NewItem, where: str) -> tuple[date, date]:
    """Return the first and last day of service.

    It is said, or that of the subscription's charge; a one-time charge and all else is of one day.
    """
    charge = origin.charge
    start = new.service_start or (charge.effective_start_date if charge else head.document_date)
    end = new.service_end or start
    whole = new.service_start is None and new.service_end is None
    if whole and charge and charge.charge_type != ONE_TIME and charge.effective_end_date:
        end = charge.effective_end_date - DAY
    check_service(start, end, where)
    return start, end
