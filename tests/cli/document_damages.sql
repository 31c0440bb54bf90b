-- What is damaged by hand in billing, each under the check of `earned audit` that has to find it. The
-- books are those of tests/http/test_audit_documents.py: a document of each kind, some canceled.

-- billing document is the sum of its items
UPDATE billing_document SET amount_minor = 1 WHERE status = 'Draft';
UPDATE billing_document_item SET amount_minor = amount_minor + 1;
DELETE FROM billing_document_item
    WHERE document_id IN (SELECT id FROM billing_document WHERE status = 'Draft');

-- revenue schedule has the amount of its billing transaction
UPDATE billing_document_item SET amount_minor = amount_minor + 1;
UPDATE invoice_item_adjustment SET amount_minor = 9;
UPDATE revenue_schedule SET amount_minor = 9 WHERE linked_number = 'INV-00000001';

-- posted billing has its revenue schedule
UPDATE revenue_schedule SET linked_id = 'other' WHERE linked_number = 'INV-00000001';

-- revenue schedule has its billing transaction
UPDATE revenue_schedule SET linked_id = 'other' WHERE linked_number = 'INV-00000001';

-- canceled billing is posted back
UPDATE billing_document_item SET reversal_id = NULL WHERE reversal_id IS NOT NULL;
UPDATE billing_document_item SET reversal_id = id WHERE reversal_id IS NULL;

-- revenue of canceled billing is taken back
UPDATE revenue_schedule SET reverses_id = NULL, linked_id = 'other'
    WHERE linked_number = 'CM-00000001' AND reverses_id IS NOT NULL;
UPDATE revenue_schedule SET amount_minor = 9 WHERE reverses_id IS NOT NULL;
