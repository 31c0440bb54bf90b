"""The usage of one account, newest first: `/v1/usage/accounts/{account-key}` (U 3.1)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, WithJsonSchema
from pydantic.alias_generators import to_camel

from earned.domain.account import Account
from earned.domain.calendar import in_zone
from earned.domain.usage import UsageRecord
from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Read
from earned.http.paging import answer_page, page_of, page_parameters
from earned.services.find import account_by_key
from earned.services.ports import Books

PAGE_SIZE = 20


class UsageItem(BaseModel):
    """A usage record as this list shows it; custom fields beside what is described."""

    model_config = ConfigDict(extra="allow", alias_generator=to_camel)

    id: str
    account_id: str
    account_number: str
    account_name: str
    subscription_id: str | None = None
    subscription_number: str | None = None
    charge_id: str | None = None
    charge_number: str | None = None
    unit_of_measure: str
    quantity: Annotated[Decimal, WithJsonSchema({"type": "number"})]
    start_date_time: datetime
    end_date_time: datetime | None = None
    submission_date_time: datetime
    status: str
    source_name: str
    file_name: str | None = None
    description: str | None = None
    unique_key: str | None = None


class UsageOfAccount(V1Answer):
    """A page of usage records."""

    usage: list[UsageItem]
    next_page: str | None = None


def _get(books: Books, call: Call) -> Mapping[str, object]:
    account = account_by_key(books, call.path["account-key"])
    page = page_of(call, PAGE_SIZE)
    records = books.usage.list(
        account_id=account.id,
        deleted=False,
        order_by=["-start_date_time", "-id"],
        limit=page.limit,
        offset=page.offset,
    )
    return answer_page(call, page, "usage", records, lambda row: _item(books, account, row))


def _item(books: Books, account: Account, record: UsageRecord) -> Mapping[str, object]:
    zone = books.settings.zone
    end = record.end_date_time
    return {
        **record.custom_fields,
        "id": record.id,
        "accountId": account.id,
        "accountNumber": account.number,
        "accountName": account.name,
        "subscriptionId": record.subscription_id,
        "subscriptionNumber": record.subscription_number,
        "chargeId": record.charge_id,
        "chargeNumber": record.charge_number,
        "unitOfMeasure": record.uom,
        "quantity": record.quantity,
        "startDateTime": in_zone(record.start_date_time, zone),
        "endDateTime": in_zone(end, zone) if end else None,
        "submissionDateTime": in_zone(record.updated_at, zone),
        "status": record.rbe_status,
        "sourceName": record.source_type,
        "fileName": record.file_name,
        "description": record.description,
        "uniqueKey": record.unique_key,
    }


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/usage/accounts/{account-key}",
        id="getUsagesByAccount",
        tag="Usage",
        summary="List the usage of an account, newest first",
        answer=UsageOfAccount,
        parameters=page_parameters(PAGE_SIZE),
        work=Read(_get),
    ),
)
