-- What is damaged by hand in a journal, each under the check of `earned audit` that has to find it.
-- The books are those of test_audit_journal.py: entries 1 and 2 are of a run (dollars, yen), 3 and 4
-- are by hand, 4 is cancelled; five seals.

-- journal entry is what was sealed
UPDATE journal_entry SET currency = 'EUR' WHERE number = 'JE-00000001';
UPDATE journal_entry SET period_id = 'x' WHERE number = 'JE-00000003';
UPDATE journal_entry SET journal_entry_date = '2013-02-01';
UPDATE journal_entry SET created_by = 'nobody' WHERE number = 'JE-00000004';
UPDATE journal_entry_item SET code_name = 'Cash' WHERE place = 1;
UPDATE journal_entry_item SET amount_minor = amount_minor + 1;
UPDATE journal_seal SET actor = 'nobody' WHERE sequence = 2;
UPDATE journal_seal SET act = 'Deleted' WHERE act = 'Cancelled';

-- journal seals follow one another
UPDATE journal_seal SET previous_hash = 'x' WHERE sequence = 1;
UPDATE journal_seal SET hash = previous_hash WHERE sequence = 1;
DELETE FROM journal_seal WHERE sequence = 2;
UPDATE journal_seal SET sequence = 9 WHERE sequence = 3;

-- journal entry is as its seals say
DELETE FROM journal_seal WHERE sequence = 5;
DELETE FROM journal_seal WHERE sequence = 1;
UPDATE journal_entry SET status = 'Cancelled' WHERE number = 'JE-00000003';
UPDATE journal_entry SET status = 'Created' WHERE number = 'JE-00000004';
UPDATE journal_seal SET act = 'Cancelled' WHERE sequence = 1;

-- journal entry is in balance
UPDATE journal_entry_item SET amount_minor = 0 WHERE side = 'Debit';
UPDATE journal_entry SET total_minor = 1 WHERE number = 'JE-00000003';
DELETE FROM journal_entry_item WHERE place = 2;

-- journal entry is the sum of its transactions
UPDATE distribution_item SET amount_minor = 1 WHERE amount_minor = 7000;
DELETE FROM posted_source;
UPDATE posted_source SET released_at = (SELECT executed_at FROM journal_run);
UPDATE posted_source SET entry_id
    = (SELECT id FROM journal_entry WHERE number = 'JE-00000001');
UPDATE revenue_schedule SET recognized_code = 'Cash';

-- journal run has the entries it made
UPDATE journal_run SET entry_count = 3;

-- journal entries are numbered without a gap
UPDATE journal_entry SET number = 'JE-00000009' WHERE number = 'JE-00000002';

-- journal entries are as many as their numbers
UPDATE number_sequence SET last = 5 WHERE kind = 'JOURNAL_ENTRY';

-- trial balance is what was posted
UPDATE trial_balance_row SET debit_minor = 1, closing_minor = closing_minor + 1
    WHERE code_name = 'Subscription Revenue';
UPDATE trial_balance_row SET code_name = 'Cash' WHERE code_name = 'Subscription Revenue';
DELETE FROM trial_balance_row WHERE currency = 'JPY';

-- trial balance is in balance
UPDATE trial_balance_row SET credit_minor = 0, closing_minor = opening_minor + debit_minor
    WHERE code_name = 'Subscription Revenue';
