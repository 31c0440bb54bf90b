-- What is damaged by hand of what was billed, each under the check of `earned audit` that has to find
-- it. The books are those of tests/http/test_bill_runs.py: runs that bill a fund and usage, late usage.

-- processed usage adds up to its item
UPDATE processed_usage SET amount_minor = amount_minor + 1;

-- usage of a canceled document is given back
UPDATE billing_document SET status = 'Canceled', canceled_at = posted_at, canceled_by = posted_by
    WHERE status = 'Posted';

-- billed usage is there
UPDATE guided_usage SET deleted = true;

-- rating result names the item that bills it
UPDATE rating_result SET invoice_item_id = NULL;
UPDATE rating_result SET invoice_item_id = 'other';

-- fund is credited no more than it was billed
UPDATE billing_document_item SET amount_minor = -1 WHERE fund_id IS NOT NULL;

-- bill run that is over has no drafts
UPDATE bill_run SET status = 'Posted' WHERE status = 'Completed';

-- bill run counts its documents
UPDATE bill_run SET document_count = 0;
