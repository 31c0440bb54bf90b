"""What requests and answers about billing documents say they have."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from earned.domain.billing_rules import ITEMS_MAX, NUMBER_LENGTH_MAX
from earned.http.answers import V1Answer
from earned.http.validation import V1Request, WireDay

Amount = Annotated[str | Decimal, Field(description="Rounded to the currency.")]
Key = Annotated[str, Field(max_length=255)]
Text = Annotated[str, Field(max_length=255)]
Description = Annotated[str, Field(max_length=1000)]
Number = Annotated[str, Field(max_length=NUMBER_LENGTH_MAX)]
Status = Literal["Draft", "Posted"]


class NewInvoiceItem(V1Request):
    """What is billed: a charge of a subscription, one of the catalog, or a name.

    `ratePlanChargeId` is ours: the id or number of a subscription's charge.
    """

    amount: Amount
    service_start_date: WireDay
    service_end_date: WireDay | None = None
    rate_plan_charge_id: Key | None = None
    product_rate_plan_charge_id: Key | None = None
    charge_name: Text | None = None
    description: Description | None = None
    sku: Text | None = None
    uom: Text | None = None
    quantity: Amount | None = None
    unit_price: Amount | None = None
    accounting_code: Text | None = None
    accounts_receivable_accounting_code: Text | None = None
    deferred_revenue_accounting_code: Text | None = None
    recognized_revenue_accounting_code: Text | None = None
    revenue_recognition_rule_name: Text | None = None


class NewInvoice(V1Request):
    """An invoice of its own."""

    account_id: Key | None = None
    account_number: Key | None = None
    currency: Text | None = None
    invoice_date: WireDay
    due_date: WireDay | None = None
    invoice_number: Number | None = None
    comments: Text | None = None
    payment_term: Text | None = None
    auto_pay: bool | None = None
    status: Status | None = None
    invoice_items: Annotated[list[NewInvoiceItem], Field(max_length=ITEMS_MAX)]


class PostedOn(V1Request):
    """The date that a draft is to have when it is posted, if not its own."""

    invoice_date: WireDay | None = None


class FinanceInformation(V1Request):
    """Codes and rule of a memo item, where they are not those of its charge or invoice item."""

    deferred_revenue_accounting_code: Text | None = None
    recognized_revenue_accounting_code: Text | None = None
    on_account_accounting_code: Text | None = None
    revenue_recognition_rule_name: Text | None = None


class _MemoItem(V1Request):
    description: Description | None = None
    comment: Description | None = None
    quantity: Amount | None = None
    service_start_date: WireDay | None = None
    service_end_date: WireDay | None = None
    finance_information: FinanceInformation | None = None


class MemoCharge(_MemoItem):
    """How much of which charge. `chargeId` and `memoItemAmount` are the older names.

    `ratePlanChargeId` is ours: the id or number of a subscription's charge.
    """

    amount: Amount | None = None
    memo_item_amount: Amount | None = None
    rate_plan_charge_id: Key | None = None
    product_rate_plan_charge_id: Key | None = None
    charge_id: Key | None = None


class MemoInvoiceItem(_MemoItem):
    """How much of which invoice item."""

    amount: Amount
    invoice_item_id: Key


class _Memo(V1Request):
    effective_date: WireDay | None = None
    due_date: WireDay | None = None
    reason_code: Text | None = None
    comment: Text | None = None
    auto_pay: bool | None = None
    auto_post: bool | None = None


class MemoOfCharges(_Memo):
    """A memo of charges. Only a debit memo is due."""

    account_id: Key | None = None
    account_number: Key | None = None
    currency: Text | None = None
    number: Number | None = None
    charges: Annotated[list[MemoCharge], Field(max_length=ITEMS_MAX)]


class MemoOfInvoice(_Memo):
    """A memo of items of a posted invoice."""

    invoice_id: Key | None = None
    items: Annotated[list[MemoInvoiceItem], Field(max_length=ITEMS_MAX)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", alias_generator=to_camel)


class InvoiceAnswer(V1Answer):
    """An invoice. Custom fields are among its fields."""

    id: str
    invoice_number: str
    account_id: str
    amount: Decimal
    balance: Decimal
    currency: str
    invoice_date: date
    due_date: date
    status: str
    source_type: str


class InvoiceItemFields(_Part):
    """An item of an invoice."""

    id: str
    charge_name: str
    charge_amount: Decimal
    charge_id: str | None
    product_rate_plan_charge_id: str | None
    subscription_id: str | None
    service_start_date: date
    service_end_date: date
    available_to_credit_amount: Decimal
    revenue_recognition_rule_name: str | None
    revenue_schedule_number: str | None


class InvoiceItemList(V1Answer):
    """A page of the items of an invoice."""

    invoice_items: list[InvoiceItemFields]
    next_page: str | None = None


class MemoAnswer(V1Answer):
    """A credit or debit memo. Custom fields are among its fields."""

    id: str
    number: str
    account_id: str
    account_number: str
    amount: Decimal
    currency: str
    status: str
    source_type: str
    referred_invoice_id: str | None


class CreditMemoAnswer(MemoAnswer):
    """A credit memo."""

    credit_memo_date: date
    unapplied_amount: Decimal


class DebitMemoAnswer(MemoAnswer):
    """A debit memo."""

    debit_memo_date: date
    due_date: date
    balance: Decimal


class MemoItemFields(_Part):
    """An item of a memo; `revenueScheduleNumber` is in `financeInformation`."""

    id: str
    amount: Decimal
    sku_name: str
    service_start_date: date
    service_end_date: date
    source_item_id: str | None
    source_item_type: str
    subscription_id: str | None
    finance_information: dict[str, str | None]


class MemoItemAnswer(MemoItemFields, V1Answer):
    """One item of a memo."""


class MemoItemList(V1Answer):
    """A page of the items of a memo."""

    items: list[MemoItemFields]
    next_page: str | None = None


class DocumentDone(V1Answer):
    """Which invoice; what was asked for is done before the answer is sent."""

    id: str
    job_status: str


class DocumentDeleted(V1Answer):
    """Which invoice was deleted."""

    object_id: str
    object_type: str
    operation_type: str
    status: str
