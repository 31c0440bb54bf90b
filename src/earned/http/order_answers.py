"""Orders as the v1 API answers them: placed, read back, and previewed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from earned.domain.account import Account
from earned.domain.billing import BillingDocument, BillingDocumentItem, DocumentKind
from earned.domain.exact import plain
from earned.domain.money import Currency, major
from earned.domain.prepaid import Fund
from earned.domain.stamps import printed
from earned.domain.subscription import Order, Subscription
from earned.http.answers import V1Answer
from earned.http.operation import Call
from earned.services.find import account_by_key
from earned.services.order_and_bill import Ordered
from earned.services.place_order import Placed
from earned.services.ports import Books
from earned.services.preview_order import (
    Preview,
    PreviewedDocument,
    PreviewedSubscription,
)


class OrderPlaced(V1Answer):
    """What an order made."""

    order_id: str
    order_number: str
    account_id: str
    account_number: str
    status: str
    subscription_numbers: list[str]
    subscription_ids: list[str]


class OrderAnswer(V1Answer):
    """An order."""

    order: dict[str, object]


class OrderList(V1Answer):
    """A page of orders."""

    orders: list[dict[str, object]]


class OrderPreview(V1Answer):
    """What an order would make; of it, nothing is there."""

    preview_result: dict[str, object]


def placed_order(placed: Placed) -> Mapping[str, object]:
    """Say what an order made."""
    return {
        "success": True,
        "orderId": placed.order.id,
        "orderNumber": placed.order.number,
        "accountId": placed.account.id,
        "accountNumber": placed.account.number,
        "status": placed.order.status,
        "subscriptionNumbers": [made.number for made in placed.subscriptions],
        "subscriptionIds": [made.id for made in placed.subscriptions],
        "subscriptions": [_subscription(made, placed.account) for made in placed.subscriptions],
    }


def billed_order(call: Call, ordered: Ordered) -> Mapping[str, object]:
    """Answer what an order made, and the documents that bill it."""
    del call
    made: dict[DocumentKind, list[BillingDocument]] = defaultdict(list)
    for document in ordered.documents:
        made[document.kind].append(document)
    invoices, memos = made[DocumentKind.INVOICE], made[DocumentKind.CREDIT_MEMO]
    return {
        **placed_order(ordered.placed),
        "invoiceNumbers": [one.number for one in invoices],
        "invoiceIds": [one.id for one in invoices],
        "creditMemoNumbers": [one.number for one in memos],
        "creditMemoIds": [one.id for one in memos],
    }


def _subscription(subscription: Subscription, account: Account) -> Mapping[str, object]:
    owned = subscription.account_id == account.id
    return {
        "subscriptionId": subscription.id,
        "subscriptionNumber": subscription.number,
        "subscriptionOwnerId": subscription.account_id,
        "subscriptionOwnerNumber": account.number if owned else None,
        "status": subscription.status,
    }


def present_order(books: Books, order: Order) -> Mapping[str, object]:
    """Return an order as it was sent, with what became of it."""
    account = account_by_key(books, order.account_id)
    zone = books.settings.zone
    return {
        "orderId": order.id,
        "orderNumber": order.number,
        "orderDate": order.order_date,
        "status": order.status,
        "category": order.category,
        "description": order.description,
        "currency": account.currency,
        "existingAccountNumber": account.number,
        "subscriptions": order.subscriptions,
        "customFields": order.custom_fields,
        "createdBy": order.created_by,
        "createdDate": printed(order.created_at, zone),
        "updatedBy": order.updated_by,
        "updatedDate": printed(order.updated_at, zone),
    }


def previewed_order(call: Call, preview: Preview) -> Mapping[str, object]:
    """Answer what an order would make."""
    del call
    documents, subscriptions = preview.documents, preview.subscriptions
    invoices = [one for one in documents if one.document.kind is DocumentKind.INVOICE]
    memos = [one for one in documents if one.document.kind is DocumentKind.CREDIT_MEMO]
    result = {
        "chargeMetrics": [_charges(one) for one in subscriptions],
        "funds": [_funds(one) for one in subscriptions if one.funds],
        "invoices": [_document(one, subscriptions, "invoiceItems") for one in invoices],
        "creditMemos": [_document(one, subscriptions, "creditMemoItems") for one in memos],
    }
    return {"success": True, "previewResult": result}


def _charges(previewed: PreviewedSubscription) -> Mapping[str, object]:
    """Return the charges of a subscription; a prepayment's value is what its funds cost."""
    subscription = previewed.subscription
    values: dict[str, int] = {}
    for fund in previewed.funds:
        known = values.get(fund.source_id, 0)
        values[fund.source_id] = known + fund.funding_price_minor - fund.credited_minor
    currency = Currency.of(subscription.currency)
    charges = {one.original_id: one for one in previewed.charges}
    return {
        "subscriptionNumber": subscription.number,
        "charges": [
            {
                "chargeNumber": one.number,
                "productRatePlanChargeId": one.product_rate_plan_charge_id,
                "originRatePlanId": one.rate_plan_id,
                "tcv": {"regular": major(values[one.original_id], currency)}
                if one.original_id in values
                else None,
            }
            for one in charges.values()
        ],
    }


def _funds(previewed: PreviewedSubscription) -> Mapping[str, object]:
    return {
        "subscriptionNumber": previewed.subscription.number,
        "subscriptionFunds": [_fund(previewed, fund) for fund in previewed.funds],
    }


def _fund(previewed: PreviewedSubscription, fund: Fund) -> Mapping[str, object]:
    """Return a fund; amounts and quantities of previews are strings."""
    period = previewed.periods[fund.validity_period_summary_id]
    price = major(fund.funding_price_minor, Currency.of(fund.currency))
    return {
        "sourceId": fund.source_id,
        "sourceType": "CHARGE",
        "startDate": fund.start_date,
        "endDate": fund.end_date,
        "validityPeriodStartDate": period.start_date,
        "validityPeriodEndDate": period.end_date,
        "balance": plain(fund.balance),
        "fundedBalance": plain(fund.funded_balance),
        "chargeNumber": fund.charge_number,
        "originalChargeId": fund.source_id,
        "segment": fund.charge_segment,
        "prepaymentUnitType": "CURRENCY" if fund.is_of_currency else "UNIT",
        "fundingPrice": format(price, "f"),
    }


def _document(
    previewed: PreviewedDocument, subscriptions: Sequence[PreviewedSubscription], items: str
) -> Mapping[str, object]:
    document = previewed.document
    amount = major(document.amount_minor, Currency.of(document.currency))
    return {
        "amount": amount,
        "amountWithoutTax": amount,
        "taxAmount": 0,
        "targetDate": document.target_date,
        items: [_item(item, document.currency, subscriptions) for item in previewed.items],
    }


def _item(
    item: BillingDocumentItem, currency: str, subscriptions: Sequence[PreviewedSubscription]
) -> Mapping[str, object]:
    charges = {charge.original_id: charge for one in subscriptions for charge in one.charges}
    charge = charges.get(item.charge_id or "")
    return {
        "amountWithoutTax": major(item.amount_minor, Currency.of(currency)),
        "taxAmount": 0,
        "chargeName": item.charge_name,
        "chargeNumber": charge and charge.number,
        "processingType": item.processing_type,
        "productRatePlanChargeId": charge and charge.product_rate_plan_charge_id,
        "serviceStartDate": item.service_start,
        "serviceEndDate": item.service_end,
        "subscriptionNumber": charge and charge.subscription_number,
        "quantity": item.quantity,
        "unitPrice": item.unit_price,
    }
