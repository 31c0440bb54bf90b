-- What is damaged by hand, each under the check of `earned audit` that has to find it.
-- The books are those of test_audit.py: two monthly funds of 7 units, January's used up.

-- subscription has one latest version
UPDATE subscription SET is_latest = FALSE;
UPDATE subscription SET deleted = TRUE;

-- charge is effective in its latest version
UPDATE rate_plan_charge SET is_latest = FALSE;

-- fund balance is the sum of its transactions
UPDATE fund SET balance = '5' WHERE start_date = '2026-02-01';

-- fund transactions have no gap
UPDATE balance_transaction SET sequence = 9 WHERE transaction_date = '2026-01-20';

-- fund counts its transactions
UPDATE fund SET transaction_count = 3 WHERE start_date = '2026-02-01';
DELETE FROM balance_transaction WHERE transaction_date = '2026-01-20';

-- fund holds from none to all of its units
UPDATE fund SET balance = '8' WHERE start_date = '2026-02-01';

-- fund units are conserved
UPDATE fund SET funded_balance = '9' WHERE start_date = '2026-02-01';
UPDATE fund SET expired = '1' WHERE start_date = '2026-02-01';
UPDATE fund SET rolled_over = '1' WHERE start_date = '2026-02-01';
UPDATE balance_transaction SET transaction_type = 'FUND_EXPIRY'
    WHERE transaction_date = '2026-01-20';

-- fund is in a balance of its scope
UPDATE fund SET scope = 'ACCOUNT' WHERE start_date = '2026-02-01';

-- fund pays for who has its balance
UPDATE fund SET holder_id = 'somebody' WHERE start_date = '2026-02-01';

-- fund was drawn by charges in its reach
UPDATE rate_plan_charge SET original_subscription_id = 'elsewhere' WHERE charge_type = 'Usage';

-- fund counts the units that expired
UPDATE fund SET expired = '1' WHERE start_date = '2026-02-01';

-- units that were depleted are among those that expired
UPDATE fund SET depleted = '1' WHERE start_date = '2026-02-01';

-- fund counts the units that rolled over
UPDATE fund SET rolled_over = '1' WHERE start_date = '2026-02-01';

-- fund holds the units that were put into it
UPDATE fund SET funded_balance = '9' WHERE start_date = '2026-02-01';
UPDATE fund SET rolled_back = '1' WHERE start_date = '2026-02-01';

-- units that rolled over are in another fund
UPDATE fund SET rolled_over = '1' WHERE start_date = '2026-02-01';

-- price that rolled over is in another fund
UPDATE fund SET rolled_minor = 1 WHERE start_date = '2026-02-01';

-- fund rolled once more than its origin
UPDATE fund SET rollover_count = 1 WHERE start_date = '2026-02-01';

-- rollover has an event without an amount
UPDATE revenue_event SET event_type = 'FundRollover' WHERE transaction_date = '2026-01-03';

-- price that rolled over is what the fund never earns
UPDATE fund SET rolled_minor = 1 WHERE start_date = '2026-02-01';

-- notification tells of less than its threshold
UPDATE notification SET remaining_balance = '3';
UPDATE notification SET value = '1', mode = 'Percentage', total_balance = remaining_balance;

-- file of an import is the one that was sent
UPDATE usage_import SET md5 = 'another';
DELETE FROM usage_import_part WHERE file_id IN (SELECT id FROM usage_import);

-- result of an import is whole
UPDATE usage_import SET result_size = 1;
DELETE FROM usage_import_part WHERE file_id IN (SELECT result_id FROM usage_import);
UPDATE usage_import SET result_id = id;

-- notification waits, was taken or was given up
UPDATE notification SET state = 'Delivered';
UPDATE notification SET state = 'Pending';

-- balance transactions follow one another
UPDATE balance_transaction SET balance = '13' WHERE transaction_date = '2026-01-20';
DELETE FROM balance_transaction WHERE transaction_date = '2026-01-20';

-- prepaid balance is the sum of its funds
UPDATE prepaid_balance SET balance = '5';

-- prepaid balance totals its funds
UPDATE prepaid_balance SET total_fund = '15';

-- validity period totals its funds
UPDATE validity_period_summary SET total_balance = '8' WHERE start_date = '2026-01-01';

-- validity period has left what its funds have
UPDATE validity_period_summary SET remaining_balance = '1' WHERE start_date = '2026-01-01';

-- daily consumption follows the ledger
UPDATE daily_consumption SET quantity = '3' WHERE transaction_date = '2026-01-03';
UPDATE daily_consumption SET usage_charge_id = 'other' WHERE transaction_date = '2026-01-03';
UPDATE balance_transaction SET transaction_date = '2026-01-10'
    WHERE transaction_date = '2026-01-20';
-- A cent moved from one day to another: the sum is right, the days are not.
UPDATE daily_consumption SET amount_minor
    = amount_minor + CASE WHEN transaction_date = '2026-01-03' THEN 1 ELSE -1 END
    WHERE transaction_date <= '2026-01-09';

-- daily consumption adds up to the fund's consumption amount
UPDATE daily_consumption SET amount_minor = 2856 WHERE transaction_date = '2026-01-03';
UPDATE fund SET funding_price_minor = 9999 WHERE start_date = '2026-01-01';

-- revenue event equals its daily consumption
UPDATE revenue_event SET amount_minor = 2858 WHERE transaction_date = '2026-01-03';
UPDATE revenue_event SET quantity = '3' WHERE transaction_date = '2026-01-03';
UPDATE revenue_event SET deleted = TRUE WHERE transaction_date = '2026-01-03';
DELETE FROM revenue_event WHERE transaction_date = '2026-01-03';
DELETE FROM daily_consumption WHERE transaction_date = '2026-01-03';
UPDATE revenue_event SET amount_minor = 201 WHERE rating_result_id IS NOT NULL;

-- rating result counts the units of its days
UPDATE rating_result SET quantity = '2';

-- rating result adds up its days
UPDATE rating_result SET amount_minor = 201;

-- overage counts the usage that no fund covered
UPDATE daily_consumption SET units = '2' WHERE rating_result_id IS NOT NULL;
DELETE FROM daily_consumption WHERE rating_result_id IS NOT NULL;

-- overage is measured in the unit of usage
UPDATE daily_consumption SET quantity = '2' WHERE rating_result_id IS NOT NULL;

-- guided usage is drawn or overage
UPDATE guided_usage SET remaining_quantity = '1' WHERE remaining_quantity = '2';
UPDATE guided_usage SET remaining_quantity = '1' WHERE usage_date = '2026-01-03';
UPDATE balance_transaction SET amount = '-1' WHERE transaction_date = '2026-01-03';

-- guided usage has its record's quantity
UPDATE usage_record SET quantity = '2.01' WHERE usage_date = '2026-01-03';
UPDATE guided_usage SET quantity = '2.01' WHERE usage_date = '2026-01-03';

-- guided usage is of its record's day
UPDATE usage_record SET usage_date = '2026-01-04' WHERE usage_date = '2026-01-03';

-- guided usage is deleted with its record
UPDATE usage_record SET deleted = TRUE WHERE usage_date = '2026-01-03';

-- deleted usage draws nothing
UPDATE guided_usage SET deleted = TRUE WHERE usage_date = '2026-01-03';

-- balance transaction comes from guided usage
UPDATE balance_transaction SET source_id = 'gone' WHERE transaction_date = '2026-01-03';

-- fund has a schedule of its price
UPDATE fund SET funding_price_minor = 9999 WHERE start_date = '2026-02-01';
UPDATE revenue_schedule SET fund_id = NULL WHERE schedule_date = '2026-01-01';
UPDATE fund SET credited_minor = 1 WHERE start_date = '2026-02-01';

-- schedule is the sum of its items
UPDATE revenue_schedule SET amount_minor = 9999 WHERE schedule_date = '2026-01-01';
UPDATE revenue_item SET amount_minor = amount_minor + 1;

-- schedule item is the sum of its distribution items
UPDATE distribution_item SET amount_minor = amount_minor + 1;
-- Moved from one period to another: the schedule's sum is right, its items are not.
UPDATE revenue_item SET amount_minor = amount_minor + CASE
    WHEN period_id = (SELECT id FROM accounting_period WHERE name = 'Open-Ended')
    THEN 1 ELSE -1 END;

-- distribution only moves a schedule's amount
UPDATE distribution_item SET amount_minor = 1 WHERE amount_minor > 0;

-- schedule has what was collected of its events
UPDATE revenue_event SET collected_minor = 0 WHERE transaction_date = '2026-01-03';

-- schedules of overage have what was collected of its events
UPDATE revenue_schedule SET amount_minor = 201 WHERE rating_result_id IS NOT NULL;
UPDATE revenue_event SET collected_minor = 0 WHERE rating_result_id IS NOT NULL;

-- distribution has what its events gave
DELETE FROM collected;
UPDATE collected SET amount_minor = amount_minor + 1;
UPDATE collected SET distribution_id = NULL WHERE amount_minor = 200;
UPDATE collected SET period_id = (SELECT id FROM accounting_period WHERE name = 'Feb''2026')
    WHERE amount_minor = 2857;
UPDATE collected SET schedule_id = (SELECT id FROM revenue_schedule WHERE amount_minor = 200)
    WHERE amount_minor = 2857;

-- revenue event was collected for what it gave
UPDATE collected SET event_id = 'gone' WHERE amount_minor = 4286;
UPDATE revenue_event SET collected_minor = 201 WHERE rating_result_id IS NOT NULL;
DELETE FROM revenue_event WHERE transaction_date = '2026-01-03';
-- A cent moved from one event to another: the fund's sum is right, the events' are not.
UPDATE revenue_event SET collected_minor
    = collected_minor + CASE WHEN transaction_date = '2026-01-03' THEN 1 ELSE -1 END
    WHERE transaction_date <= '2026-01-09';

-- overage costs what its charge asks
UPDATE daily_consumption SET amount_minor = 201 WHERE rating_result_id IS NOT NULL;
UPDATE rating_result SET charge_segment = 2;

-- price that rolled out of a fund is taken from its liability
UPDATE fund SET rolled_minor = 1 WHERE start_date = '2026-02-01';

-- closed period does not change
INSERT INTO period_change (id, entity_id, period_id, status, at, actor)
    SELECT id, entity_id, id, 'Closed', '2020-01-01T00:00:00.000000Z', 'nobody'
    FROM accounting_period WHERE start_date = '2026-01-01';

-- accounting period has the status it was given last
UPDATE accounting_period SET status = 'Closed' WHERE start_date = '2026-01-01';

-- schedules and distributions are as many as their numbers
UPDATE number_sequence SET last = last + 1 WHERE kind = 'REVENUE_SCHEDULE';
UPDATE number_sequence SET last = last + 1 WHERE kind = 'DISTRIBUTION';
