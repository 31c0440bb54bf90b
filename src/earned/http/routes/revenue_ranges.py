"""Distributing revenue over a range: `/v1/revenue-schedules/{rs-number}/distribute-revenue-...`."""

from datetime import date

from earned.domain.recognition import Method
from earned.http.operation import Operation, Write
from earned.http.routes.revenue_distributions import (
    EventOfDistribution,
    RevenueDistributed,
    command_of,
    distributed,
)
from earned.http.routes.revenue_schedules import ONE, RESOURCE, TAG
from earned.services.distribute_over_range import distribute_over_range
from earned.services.work import single


class OverRange(EventOfDistribution):
    """The days to spread all revenue over, both ends included. Checked by the use case.

    The type may be spelled in any case. All but the first need the setting `monthlyRecognition`.
    """

    recognition_start: date
    recognition_end: date
    distribution_type: Method = Method.DAILY


OPERATIONS = (
    Operation(
        method="PUT",
        path=f"{ONE}/distribute-revenue-with-date-range",
        id="PUT_RevenueByRecognitionStartandEndDates",
        tag=TAG,
        summary="Distribute revenue over a range of days",
        resource=RESOURCE,
        body=OverRange,
        strict=False,
        answer=RevenueDistributed,
        work=Write(single(distribute_over_range, structural=False), command_of, distributed),
    ),
)
