-- What is damaged by hand, each under the check of `earned audit` that has to find it.
-- The books are those of test_currency_funds.py: 50.00 prepaid, two records of 40.00 each.

-- usage is covered as far as funds in currency paid
UPDATE guided_usage SET remaining_quantity = '14' WHERE usage_date = '2026-01-20';
UPDATE guided_usage SET amount_minor = 4100 WHERE usage_date = '2026-01-20';

-- overage is what funds in currency have not paid
UPDATE daily_consumption SET amount_minor = 3100
    WHERE transaction_date = '2026-01-20' AND fund_id IS NULL;

-- usage that funds in currency pay costs what its charge asks
UPDATE rating_result SET quantity = '41';
