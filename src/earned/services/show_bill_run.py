"""Show a bill run as answers and commands have it."""

from typing import Any
from zoneinfo import ZoneInfo

from earned.domain.bill_run import ALL_BATCHES, ALL_DAYS, BillRun
from earned.domain.stamps import printed


def wire_bill_run(run: BillRun, zone: ZoneInfo) -> dict[str, Any]:
    """Return a bill run as answers have it."""
    whom = {"billRunFilters": run.filters} if run.filters else {"batches": [ALL_BATCHES]}
    return {
        "id": run.id,
        "billRunNumber": run.number,
        "name": run.name,
        "status": run.status,
        "targetDate": run.target_date,
        "invoiceDate": run.invoice_date,
        "autoPost": run.auto_post,
        "autoEmail": False,
        "autoRenewal": run.auto_renewal,
        "noEmailForZeroAmountInvoice": False,
        "billCycleDay": None if run.filters else ALL_DAYS,
        "chargeTypeToExclude": run.excluded_charge_types,
        "includeSubscriptions": True,
        "includeOrderLineItems": False,
        "errors": run.errors,
        "documentCount": run.document_count,
        "createdById": run.created_by,
        "createdDate": printed(run.created_at, zone),
        "updatedById": run.updated_by,
        "updatedDate": printed(run.updated_at, zone),
        **whom,
    }
