-- What is damaged by hand in an audit log, each under the check of `earned audit` that has to find
-- it. The log is that of test_audit_log.py: four entries.

-- audit entry is what was written
UPDATE audit_entry SET actor = 'nobody' WHERE sequence = 2;
UPDATE audit_entry SET action = 'closed' WHERE sequence = 1;
UPDATE audit_entry SET object_type = 'RevenueSchedule' WHERE sequence = 4;
UPDATE audit_entry SET object_id = 'x' WHERE sequence = 3;
UPDATE audit_entry SET at = (SELECT at FROM audit_entry WHERE sequence = 1) WHERE sequence = 4;
UPDATE audit_entry SET id = 'ffffffffffffffffffffffffffffffff' WHERE sequence = 1;
UPDATE audit_entry SET hash = previous_hash WHERE sequence = 4;
UPDATE audit_entry SET detail = '{}' WHERE sequence = 1;
UPDATE audit_entry SET detail = replace(detail, '2.5', '2.6') WHERE sequence = 1;
INSERT INTO audit_entry (id, entity_id, sequence, at, actor, action, object_type, object_id, detail,
    previous_hash, hash)
SELECT 'ffffffffffffffffffffffffffffffff', entity_id, 5, at, actor, action, object_type, object_id,
    detail, hash, hash
FROM audit_entry WHERE sequence = 4;

-- audit entries follow one another
DELETE FROM audit_entry WHERE sequence = 1;
DELETE FROM audit_entry WHERE sequence = 2;
DELETE FROM audit_entry WHERE sequence IN (2, 3);
UPDATE audit_entry SET previous_hash = hash WHERE sequence = 3;
UPDATE audit_entry SET sequence = 9 WHERE sequence = 2;
INSERT INTO audit_entry (id, entity_id, sequence, at, actor, action, object_type, object_id, detail,
    previous_hash, hash)
SELECT 'ffffffffffffffffffffffffffffffff', entity_id, 9, at, actor, action, object_type, object_id,
    detail, previous_hash, hash
FROM audit_entry WHERE sequence = 4;

-- audit entries are as many as were written
DELETE FROM audit_entry WHERE sequence = 4;
DELETE FROM audit_entry;
UPDATE number_sequence SET last = 3 WHERE kind = 'AUDIT_ENTRY';
DELETE FROM number_sequence WHERE kind = 'AUDIT_ENTRY';
