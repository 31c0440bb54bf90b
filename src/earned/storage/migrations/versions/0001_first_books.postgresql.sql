CREATE TABLE idempotency_key (
  key TEXT NOT NULL,
  tenant_id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  method TEXT NOT NULL,
  url TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  status INTEGER NOT NULL,
  headers TEXT NOT NULL,
  body BYTEA NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_idempotency_key PRIMARY KEY (key)
);

CREATE INDEX ix_idempotency_key_created_at ON idempotency_key (created_at);

CREATE TABLE posted_source (
  entry_id TEXT NOT NULL,
  source_type TEXT NOT NULL,
  source_id TEXT NOT NULL,
  period_id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  released_at TIMESTAMP WITH TIME ZONE
);

CREATE INDEX ix_posted_source_entry_id ON posted_source (entry_id);

CREATE UNIQUE INDEX uq_posted_source_in_force ON posted_source (source_id, period_id) WHERE released_at IS NULL;

CREATE TABLE tenant (
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_tenant PRIMARY KEY (id),
  CONSTRAINT ck_tenant_id_length CHECK (length(id) = 32)
);

CREATE TABLE entity (
  id TEXT NOT NULL,
  tenant_id TEXT NOT NULL,
  name TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_entity PRIMARY KEY (id),
  CONSTRAINT ck_entity_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_entity_revision_least CHECK (revision >= 0),
  CONSTRAINT uq_entity_tenant_id_name UNIQUE (tenant_id, name),
  CONSTRAINT fk_entity_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenant (id)
);

CREATE INDEX ix_entity_tenant_id ON entity (tenant_id);

CREATE TABLE oauth_client (
  id TEXT NOT NULL,
  tenant_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  secret_hash TEXT NOT NULL,
  entity_ids TEXT NOT NULL,
  organization_ids TEXT NOT NULL,
  withheld_permissions TEXT NOT NULL,
  active BOOLEAN NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_oauth_client PRIMARY KEY (id),
  CONSTRAINT fk_oauth_client_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenant (id)
);

CREATE INDEX ix_oauth_client_tenant_id ON oauth_client (tenant_id);

CREATE TABLE access_token (
  token_hash TEXT NOT NULL,
  client_id TEXT NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_access_token PRIMARY KEY (token_hash),
  CONSTRAINT fk_access_token_client_id FOREIGN KEY(client_id) REFERENCES oauth_client (id)
);

CREATE INDEX ix_access_token_client_id ON access_token (client_id);

CREATE TABLE accounting_code (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  name TEXT NOT NULL,
  code_type TEXT NOT NULL,
  category TEXT NOT NULL,
  gl_account_name TEXT,
  gl_account_number TEXT,
  notes TEXT,
  status TEXT NOT NULL,
  segment_constant_values TEXT,
  custom_fields TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_accounting_code PRIMARY KEY (id),
  CONSTRAINT ck_accounting_code_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_accounting_code_name_length CHECK (length(name) <= 100),
  CONSTRAINT ck_accounting_code_category_known CHECK (category IN ('Assets', 'Liabilities', 'Revenue', 'Equity', 'Expenses')),
  CONSTRAINT ck_accounting_code_gl_account_name_length CHECK (length(gl_account_name) <= 255),
  CONSTRAINT ck_accounting_code_gl_account_number_length CHECK (length(gl_account_number) <= 255),
  CONSTRAINT ck_accounting_code_notes_length CHECK (length(notes) <= 2000),
  CONSTRAINT ck_accounting_code_status_known CHECK (status IN ('Active', 'Inactive')),
  CONSTRAINT uq_accounting_code_entity_id_name UNIQUE (entity_id, name),
  CONSTRAINT fk_accounting_code_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE TABLE accounting_period (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  name TEXT NOT NULL,
  start_date DATE,
  end_date DATE,
  fiscal_year BIGINT,
  fiscal_quarter BIGINT,
  notes TEXT,
  status TEXT NOT NULL,
  trial_balance_start TIMESTAMP WITH TIME ZONE,
  trial_balance_end TIMESTAMP WITH TIME ZONE,
  organization_labels TEXT NOT NULL,
  custom_fields TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_accounting_period PRIMARY KEY (id),
  CONSTRAINT ck_accounting_period_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_accounting_period_name_length CHECK (length(name) <= 100),
  CONSTRAINT ck_accounting_period_dates CHECK (start_date <= end_date),
  CONSTRAINT ck_accounting_period_open_ended CHECK ((start_date IS NULL) = (name = 'Open-Ended')),
  CONSTRAINT ck_accounting_period_both_dates CHECK ((start_date IS NULL) = (end_date IS NULL)),
  CONSTRAINT ck_accounting_period_open_ended_is_open CHECK (start_date IS NOT NULL OR status = 'Open'),
  CONSTRAINT ck_accounting_period_notes_length CHECK (length(notes) <= 255),
  CONSTRAINT ck_accounting_period_status_known CHECK (status IN ('Open', 'PendingClose', 'Closed')),
  CONSTRAINT uq_accounting_period_entity_id_name UNIQUE (entity_id, name),
  CONSTRAINT uq_accounting_period_entity_id_start_date UNIQUE (entity_id, start_date),
  CONSTRAINT fk_accounting_period_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE TABLE audit_entry (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  object_type TEXT NOT NULL,
  object_id TEXT NOT NULL,
  detail TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  CONSTRAINT pk_audit_entry PRIMARY KEY (id),
  CONSTRAINT ck_audit_entry_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_audit_entry_sequence_least CHECK (sequence >= 1),
  CONSTRAINT ck_audit_entry_previous_hash_length CHECK (length(previous_hash) <= 64),
  CONSTRAINT ck_audit_entry_hash_length CHECK (length(hash) <= 64),
  CONSTRAINT uq_audit_entry_entity_id_sequence UNIQUE (entity_id, sequence),
  CONSTRAINT fk_audit_entry_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE TABLE bill_run (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  number TEXT NOT NULL,
  name TEXT,
  status TEXT NOT NULL,
  target_date DATE NOT NULL,
  invoice_date DATE NOT NULL,
  auto_post BOOLEAN NOT NULL,
  auto_renewal BOOLEAN NOT NULL,
  excluded_charge_types TEXT NOT NULL,
  filters TEXT NOT NULL,
  account_ids TEXT NOT NULL,
  subscription_ids TEXT NOT NULL,
  organization_ids TEXT,
  billed_through TEXT NOT NULL,
  errors TEXT NOT NULL,
  document_count BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_bill_run PRIMARY KEY (id),
  CONSTRAINT ck_bill_run_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_bill_run_number_length CHECK (length(number) <= 32),
  CONSTRAINT ck_bill_run_name_length CHECK (length(name) <= 255),
  CONSTRAINT ck_bill_run_status_known CHECK (status IN ('Pending', 'Processing', 'Completed', 'Error', 'Posted', 'Canceled')),
  CONSTRAINT ck_bill_run_document_count_least CHECK (document_count >= 0),
  CONSTRAINT uq_bill_run_entity_id_number UNIQUE (entity_id, number),
  CONSTRAINT fk_bill_run_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE INDEX ix_bill_run_status ON bill_run (status);

CREATE TABLE currency (
  entity_id TEXT NOT NULL,
  code TEXT NOT NULL,
  rounding TEXT NOT NULL,
  increment_minor BIGINT NOT NULL,
  active BOOLEAN NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_currency PRIMARY KEY (entity_id, code),
  CONSTRAINT ck_currency_code_length CHECK (length(code) <= 3),
  CONSTRAINT ck_currency_rounding_known CHECK (rounding IN ('Half Up', 'Up', 'Down')),
  CONSTRAINT ck_currency_increment_minor_least CHECK (increment_minor >= 1),
  CONSTRAINT fk_currency_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE TABLE journal_run (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  number TEXT NOT NULL,
  period_id TEXT NOT NULL,
  target_start DATE NOT NULL,
  target_end DATE NOT NULL,
  journal_entry_date DATE NOT NULL,
  transaction_types TEXT NOT NULL,
  organization_ids TEXT NOT NULL,
  status TEXT NOT NULL,
  executed_at TIMESTAMP WITH TIME ZONE,
  entry_count BIGINT NOT NULL,
  deleted BOOLEAN NOT NULL,
  custom_fields TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_journal_run PRIMARY KEY (id),
  CONSTRAINT ck_journal_run_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_journal_run_target CHECK (target_start <= target_end),
  CONSTRAINT ck_journal_run_status_known CHECK (status IN ('Pending', 'Processing', 'Completed', 'Error', 'CancelInprogress', 'Cancelled', 'DeleteInprogress')),
  CONSTRAINT ck_journal_run_entry_count_least CHECK (entry_count >= 0),
  CONSTRAINT uq_journal_run_entity_id_number UNIQUE (entity_id, number),
  CONSTRAINT fk_journal_run_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE TABLE number_sequence (
  entity_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  last BIGINT NOT NULL,
  CONSTRAINT pk_number_sequence PRIMARY KEY (entity_id, kind),
  CONSTRAINT ck_number_sequence_last_least CHECK (last >= 0),
  CONSTRAINT fk_number_sequence_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE TABLE organization (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  name TEXT NOT NULL,
  CONSTRAINT pk_organization PRIMARY KEY (id),
  CONSTRAINT ck_organization_id_length CHECK (length(id) = 32),
  CONSTRAINT uq_organization_entity_id_name UNIQUE (entity_id, name),
  CONSTRAINT fk_organization_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE TABLE period_change (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  period_id TEXT NOT NULL,
  status TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  actor TEXT NOT NULL,
  CONSTRAINT pk_period_change PRIMARY KEY (id),
  CONSTRAINT ck_period_change_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_period_change_status_known CHECK (status IN ('Open', 'PendingClose', 'Closed')),
  CONSTRAINT fk_period_change_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE INDEX ix_period_change_entity ON period_change (entity_id, at);

CREATE TABLE product (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  number TEXT NOT NULL,
  name TEXT NOT NULL,
  sku TEXT,
  category TEXT,
  description TEXT,
  effective_start_date DATE NOT NULL,
  effective_end_date DATE NOT NULL,
  allow_feature_changes BOOLEAN NOT NULL,
  custom_fields TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_product PRIMARY KEY (id),
  CONSTRAINT ck_product_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_product_name_length CHECK (length(name) <= 100),
  CONSTRAINT ck_product_effective_dates CHECK (effective_start_date <= effective_end_date),
  CONSTRAINT uq_product_entity_id_number UNIQUE (entity_id, number),
  CONSTRAINT uq_product_entity_id_sku UNIQUE (entity_id, sku),
  CONSTRAINT fk_product_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE TABLE query_locator (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  query TEXT NOT NULL,
  batch_size BIGINT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  used_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_query_locator PRIMARY KEY (id),
  CONSTRAINT ck_query_locator_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_query_locator_batch_size_least CHECK (batch_size >= 1),
  CONSTRAINT fk_query_locator_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE TABLE recognition_rule (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  name TEXT NOT NULL,
  model TEXT NOT NULL,
  description TEXT,
  active BOOLEAN NOT NULL,
  start_field TEXT,
  start_after BIGINT,
  start_unit TEXT,
  end_field TEXT,
  end_after BIGINT,
  end_unit TEXT,
  distribution_type TEXT,
  rounding TEXT,
  transaction_date TEXT,
  closed_periods TEXT,
  custom_fields TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_recognition_rule PRIMARY KEY (id),
  CONSTRAINT ck_recognition_rule_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_recognition_rule_name_length CHECK (length(name) <= 100),
  CONSTRAINT ck_recognition_rule_model_known CHECK (model IN ('Full recognition upon invoicing', 'Full recognition on a specific date', 'Daily recognition over time', 'Monthly recognition over time', 'Manual recognition', 'Custom - Unlimited recognition', 'Custom - Limited recognition', 'Recognition by drawdown')),
  CONSTRAINT ck_recognition_rule_description_length CHECK (length(description) <= 500),
  CONSTRAINT ck_recognition_rule_start_field_known CHECK (start_field IN ('ServicePeriodStart', 'ServicePeriodEnd', 'TransactionDate', 'ContractEffectiveDate', 'ServiceActivationDate', 'CustomerAcceptanceDate', 'RecognitionStart')),
  CONSTRAINT ck_recognition_rule_start_after_least CHECK (start_after >= 0),
  CONSTRAINT ck_recognition_rule_start_unit_known CHECK (start_unit IN ('Days', 'Months', 'Years')),
  CONSTRAINT ck_recognition_rule_end_field_known CHECK (end_field IN ('ServicePeriodStart', 'ServicePeriodEnd', 'TransactionDate', 'ContractEffectiveDate', 'ServiceActivationDate', 'CustomerAcceptanceDate', 'RecognitionStart')),
  CONSTRAINT ck_recognition_rule_end_after_least CHECK (end_after >= 0),
  CONSTRAINT ck_recognition_rule_end_unit_known CHECK (end_unit IN ('Days', 'Months', 'Years')),
  CONSTRAINT ck_recognition_rule_term CHECK (end_field IS NULL OR start_field IS NOT NULL),
  CONSTRAINT ck_recognition_rule_distribution_type_known CHECK (distribution_type IN ('Daily Distribution', 'Monthly Distribution (Back Load)', 'Monthly Distribution (Front Load)', 'Monthly Distribution (Proration by Days)')),
  CONSTRAINT ck_recognition_rule_rounding_known CHECK (rounding IN ('Trailing', 'Leading', 'HalfUpPerPeriod')),
  CONSTRAINT ck_recognition_rule_transaction_date_known CHECK (transaction_date IN ('RegardlessOfTransaction', 'NotBeforeTransaction')),
  CONSTRAINT ck_recognition_rule_closed_periods_known CHECK (closed_periods IN ('NextOpenPeriod')),
  CONSTRAINT uq_recognition_rule_entity_id_name UNIQUE (entity_id, name),
  CONSTRAINT fk_recognition_rule_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE TABLE revenue_automation (
  entity_id TEXT NOT NULL,
  start_date DATE NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_revenue_automation PRIMARY KEY (entity_id),
  CONSTRAINT fk_revenue_automation_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE TABLE revenue_event_type (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  label TEXT NOT NULL,
  system_id TEXT NOT NULL,
  active BOOLEAN NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_revenue_event_type PRIMARY KEY (id),
  CONSTRAINT ck_revenue_event_type_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_revenue_event_type_label_length CHECK (length(label) <= 50),
  CONSTRAINT ck_revenue_event_type_system_id_length CHECK (length(system_id) <= 50),
  CONSTRAINT uq_revenue_event_type_entity_id_system_id UNIQUE (entity_id, system_id),
  CONSTRAINT fk_revenue_event_type_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE TABLE setting (
  entity_id TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  CONSTRAINT pk_setting PRIMARY KEY (entity_id, name),
  CONSTRAINT fk_setting_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE TABLE threshold (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  name TEXT NOT NULL,
  mode TEXT NOT NULL,
  value NUMERIC NOT NULL,
  uom TEXT,
  url TEXT NOT NULL,
  secret TEXT NOT NULL,
  active BOOLEAN NOT NULL,
  deleted BOOLEAN NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_threshold PRIMARY KEY (id),
  CONSTRAINT ck_threshold_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_threshold_name_length CHECK (length(name) <= 100),
  CONSTRAINT ck_threshold_mode_known CHECK (mode IN ('Percentage', 'Units')),
  CONSTRAINT ck_threshold_value_exact CHECK (value >= 0),
  CONSTRAINT ck_threshold_url_length CHECK (length(url) <= 2000),
  CONSTRAINT ck_threshold_secret_length CHECK (length(secret) <= 200),
  CONSTRAINT fk_threshold_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE TABLE trial_balance (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  period_id TEXT NOT NULL,
  run_at TIMESTAMP WITH TIME ZONE NOT NULL,
  run_by TEXT NOT NULL,
  frozen BOOLEAN NOT NULL,
  CONSTRAINT pk_trial_balance PRIMARY KEY (id),
  CONSTRAINT ck_trial_balance_id_length CHECK (length(id) = 32),
  CONSTRAINT fk_trial_balance_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE INDEX ix_trial_balance_period ON trial_balance (entity_id, period_id, run_at);

CREATE TABLE unit_of_measure (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  name TEXT NOT NULL,
  displayed_as TEXT NOT NULL,
  decimal_places BIGINT NOT NULL,
  rounding_mode TEXT NOT NULL,
  active BOOLEAN NOT NULL,
  usage_log_file_label TEXT,
  custom_fields TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_unit_of_measure PRIMARY KEY (id),
  CONSTRAINT ck_unit_of_measure_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_unit_of_measure_name_length CHECK (length(name) <= 50),
  CONSTRAINT ck_unit_of_measure_displayed_as_length CHECK (length(displayed_as) <= 50),
  CONSTRAINT ck_unit_of_measure_decimal_places_least CHECK (decimal_places >= 0),
  CONSTRAINT ck_unit_of_measure_decimal_places_most CHECK (decimal_places <= 9),
  CONSTRAINT ck_unit_of_measure_rounding_mode_known CHECK (rounding_mode IN ('Up', 'Down')),
  CONSTRAINT uq_unit_of_measure_entity_id_name UNIQUE (entity_id, name),
  CONSTRAINT fk_unit_of_measure_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE TABLE usage_import (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  name TEXT NOT NULL,
  file_name TEXT NOT NULL,
  md5 TEXT NOT NULL,
  size BIGINT NOT NULL,
  organization_ids TEXT,
  status TEXT NOT NULL,
  status_reason TEXT,
  total_count BIGINT NOT NULL,
  imported_count BIGINT NOT NULL,
  refused_rows TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  is_kept BOOLEAN NOT NULL,
  result_id TEXT,
  result_size BIGINT,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_usage_import PRIMARY KEY (id),
  CONSTRAINT ck_usage_import_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_usage_import_name_length CHECK (length(name) <= 255),
  CONSTRAINT ck_usage_import_md5_length CHECK (length(md5) <= 32),
  CONSTRAINT ck_usage_import_size_least CHECK (size >= 0),
  CONSTRAINT ck_usage_import_status_known CHECK (status IN ('Pending', 'Processing', 'Completed', 'Failed')),
  CONSTRAINT ck_usage_import_status_reason_length CHECK (length(status_reason) <= 2000),
  CONSTRAINT ck_usage_import_total_count_least CHECK (total_count >= 0),
  CONSTRAINT ck_usage_import_imported_count_least CHECK (imported_count >= 0),
  CONSTRAINT ck_usage_import_whole_or_not_at_all CHECK (imported_count = 0 OR status = 'Completed'),
  CONSTRAINT ck_usage_import_attempts_least CHECK (attempts >= 0),
  CONSTRAINT ck_usage_import_result_id_length CHECK (length(result_id) <= 32),
  CONSTRAINT ck_usage_import_result_size_least CHECK (result_size >= 0),
  CONSTRAINT uq_usage_import_result_id UNIQUE (result_id),
  CONSTRAINT fk_usage_import_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE INDEX ix_usage_import_status ON usage_import (status);

CREATE TABLE usage_import_part (
  file_id TEXT NOT NULL,
  place INTEGER NOT NULL,
  entity_id TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  content BYTEA NOT NULL,
  CONSTRAINT pk_usage_import_part PRIMARY KEY (file_id, place),
  CONSTRAINT fk_usage_import_part_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE TABLE account (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  organization_id TEXT,
  number TEXT NOT NULL,
  name TEXT NOT NULL,
  currency TEXT NOT NULL,
  status TEXT NOT NULL,
  bill_cycle_day BIGINT NOT NULL,
  parent_id TEXT,
  roll_up_usage BOOLEAN NOT NULL,
  auto_pay BOOLEAN NOT NULL,
  batch TEXT,
  crm_id TEXT,
  notes TEXT,
  payment_term TEXT,
  sales_rep TEXT,
  bill_to TEXT NOT NULL,
  sold_to TEXT NOT NULL,
  custom_fields TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_account PRIMARY KEY (id),
  CONSTRAINT ck_account_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_account_name_length CHECK (length(name) <= 255),
  CONSTRAINT ck_account_status_known CHECK (status IN ('Active', 'Draft', 'Canceled')),
  CONSTRAINT ck_account_bill_cycle_day_least CHECK (bill_cycle_day >= 0),
  CONSTRAINT uq_account_entity_id_number UNIQUE (entity_id, number),
  CONSTRAINT fk_account_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_account_organization_id FOREIGN KEY(organization_id) REFERENCES organization (id),
  CONSTRAINT fk_account_parent_id FOREIGN KEY(parent_id) REFERENCES account (id)
);

CREATE INDEX ix_account_organization_id ON account (organization_id);

CREATE INDEX ix_account_parent_id ON account (parent_id);

CREATE TABLE journal_entry (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  number TEXT NOT NULL,
  run_id TEXT,
  period_id TEXT NOT NULL,
  time_start DATE,
  time_end DATE,
  currency TEXT NOT NULL,
  journal_entry_date DATE NOT NULL,
  transaction_type TEXT,
  status TEXT NOT NULL,
  total_minor BIGINT NOT NULL,
  source_count BIGINT NOT NULL,
  segments TEXT NOT NULL,
  organization_label TEXT,
  notes TEXT,
  review_comment TEXT,
  transferred TEXT NOT NULL,
  transferred_at TIMESTAMP WITH TIME ZONE,
  transferred_by TEXT,
  deleted BOOLEAN NOT NULL,
  custom_fields TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_journal_entry PRIMARY KEY (id),
  CONSTRAINT ck_journal_entry_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_journal_entry_currency_length CHECK (length(currency) <= 3),
  CONSTRAINT ck_journal_entry_status_known CHECK (status IN ('Draft', 'InReview', 'Rejected', 'Created', 'Cancelled')),
  CONSTRAINT ck_journal_entry_total_minor_least CHECK (total_minor >= 0),
  CONSTRAINT ck_journal_entry_source_count_least CHECK (source_count >= 0),
  CONSTRAINT ck_journal_entry_notes_length CHECK (length(notes) <= 2000),
  CONSTRAINT ck_journal_entry_review_comment_length CHECK (length(review_comment) <= 1000),
  CONSTRAINT ck_journal_entry_transferred_known CHECK (transferred IN ('No', 'Processing', 'Yes', 'Error', 'Ignore')),
  CONSTRAINT ck_journal_entry_transferred_at CHECK ((transferred = 'Yes') = (transferred_at IS NOT NULL)),
  CONSTRAINT ck_journal_entry_in_force CHECK (transferred = 'No' OR status IN ('Created', 'Cancelled')),
  CONSTRAINT ck_journal_entry_deleted CHECK (NOT deleted OR status = 'Cancelled'),
  CONSTRAINT uq_journal_entry_entity_id_number UNIQUE (entity_id, number),
  CONSTRAINT fk_journal_entry_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_journal_entry_run_id FOREIGN KEY(run_id) REFERENCES journal_run (id)
);

CREATE INDEX ix_journal_entry_period ON journal_entry (entity_id, period_id);

CREATE INDEX ix_journal_entry_run_id ON journal_entry (run_id);

CREATE TABLE product_rate_plan (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  number TEXT NOT NULL,
  product_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  effective_start_date DATE,
  effective_end_date DATE,
  custom_fields TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_product_rate_plan PRIMARY KEY (id),
  CONSTRAINT ck_product_rate_plan_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_product_rate_plan_name_length CHECK (length(name) <= 255),
  CONSTRAINT uq_product_rate_plan_entity_id_number UNIQUE (entity_id, number),
  CONSTRAINT fk_product_rate_plan_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_product_rate_plan_product_id FOREIGN KEY(product_id) REFERENCES product (id)
);

CREATE INDEX ix_product_rate_plan_product_id ON product_rate_plan (product_id);

CREATE TABLE trial_balance_row (
  trial_balance_id TEXT NOT NULL,
  place BIGINT NOT NULL,
  entity_id TEXT NOT NULL,
  currency TEXT NOT NULL,
  code_name TEXT,
  code_type TEXT NOT NULL,
  opening_minor BIGINT NOT NULL,
  debit_minor BIGINT NOT NULL,
  credit_minor BIGINT NOT NULL,
  closing_minor BIGINT NOT NULL,
  CONSTRAINT pk_trial_balance_row PRIMARY KEY (trial_balance_id, place),
  CONSTRAINT ck_trial_balance_row_place_least CHECK (place >= 1),
  CONSTRAINT ck_trial_balance_row_currency_length CHECK (length(currency) <= 3),
  CONSTRAINT ck_trial_balance_row_debit_minor_least CHECK (debit_minor >= 0),
  CONSTRAINT ck_trial_balance_row_credit_minor_least CHECK (credit_minor >= 0),
  CONSTRAINT ck_trial_balance_row_closing CHECK (closing_minor = opening_minor + debit_minor - credit_minor),
  CONSTRAINT fk_trial_balance_row_trial_balance_id FOREIGN KEY(trial_balance_id) REFERENCES trial_balance (id),
  CONSTRAINT fk_trial_balance_row_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE TABLE billing_document (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  number TEXT NOT NULL,
  account_id TEXT NOT NULL,
  currency TEXT NOT NULL,
  document_date DATE NOT NULL,
  due_date DATE,
  target_date DATE,
  status TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  source TEXT NOT NULL,
  source_type TEXT NOT NULL,
  source_id TEXT,
  reason_code TEXT,
  comment TEXT,
  payment_term TEXT,
  auto_pay BOOLEAN NOT NULL,
  posted_at TIMESTAMP WITH TIME ZONE,
  posted_by TEXT,
  canceled_at TIMESTAMP WITH TIME ZONE,
  canceled_by TEXT,
  custom_fields TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_billing_document PRIMARY KEY (id),
  CONSTRAINT ck_billing_document_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_billing_document_kind_known CHECK (kind IN ('Invoice', 'CreditMemo', 'DebitMemo')),
  CONSTRAINT ck_billing_document_number_length CHECK (length(number) <= 32),
  CONSTRAINT ck_billing_document_status_known CHECK (status IN ('Draft', 'Posted', 'Canceled')),
  CONSTRAINT ck_billing_document_amount_minor_least CHECK (amount_minor >= 0),
  CONSTRAINT ck_billing_document_source_type_known CHECK (source_type IN ('Subscription', 'Standalone', 'Invoice')),
  CONSTRAINT ck_billing_document_comment_length CHECK (length(comment) <= 255),
  CONSTRAINT ck_billing_document_posted CHECK (status = 'Canceled' OR (status = 'Posted') = (posted_at IS NOT NULL)),
  CONSTRAINT ck_billing_document_posted_by CHECK ((posted_at IS NULL) = (posted_by IS NULL)),
  CONSTRAINT ck_billing_document_canceled CHECK ((status = 'Canceled') = (canceled_at IS NOT NULL)),
  CONSTRAINT ck_billing_document_canceled_by CHECK ((canceled_at IS NULL) = (canceled_by IS NULL)),
  CONSTRAINT uq_billing_document_entity_id_kind_number UNIQUE (entity_id, kind, number),
  CONSTRAINT fk_billing_document_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_billing_document_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);

CREATE INDEX ix_billing_document_account ON billing_document (entity_id, account_id, kind);

CREATE INDEX ix_billing_document_date ON billing_document (entity_id, document_date);

CREATE INDEX ix_billing_document_source ON billing_document (entity_id, source_id);

CREATE TABLE customer_order (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  number TEXT NOT NULL,
  account_id TEXT NOT NULL,
  order_date DATE NOT NULL,
  status TEXT NOT NULL,
  category TEXT NOT NULL,
  description TEXT,
  subscriptions TEXT NOT NULL,
  effects TEXT NOT NULL,
  deleted BOOLEAN NOT NULL,
  custom_fields TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_customer_order PRIMARY KEY (id),
  CONSTRAINT ck_customer_order_id_length CHECK (length(id) = 32),
  CONSTRAINT uq_customer_order_entity_id_number UNIQUE (entity_id, number),
  CONSTRAINT fk_customer_order_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_customer_order_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);

CREATE INDEX ix_customer_order_account_id ON customer_order (account_id);

CREATE TABLE journal_entry_item (
  entry_id TEXT NOT NULL,
  place BIGINT NOT NULL,
  entity_id TEXT NOT NULL,
  side TEXT NOT NULL,
  code_name TEXT,
  code_type TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  gl_string TEXT,
  notes TEXT,
  custom_fields TEXT NOT NULL,
  CONSTRAINT pk_journal_entry_item PRIMARY KEY (entry_id, place),
  CONSTRAINT ck_journal_entry_item_place_least CHECK (place >= 1),
  CONSTRAINT ck_journal_entry_item_side_known CHECK (side IN ('Debit', 'Credit')),
  CONSTRAINT ck_journal_entry_item_amount_minor_least CHECK (amount_minor >= 0),
  CONSTRAINT ck_journal_entry_item_gl_string_length CHECK (length(gl_string) <= 350),
  CONSTRAINT ck_journal_entry_item_notes_length CHECK (length(notes) <= 1000),
  CONSTRAINT fk_journal_entry_item_entry_id FOREIGN KEY(entry_id) REFERENCES journal_entry (id),
  CONSTRAINT fk_journal_entry_item_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE INDEX ix_journal_entry_item_code ON journal_entry_item (entity_id, code_name);

CREATE TABLE journal_seal (
  entity_id TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  entry_id TEXT NOT NULL,
  act TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  actor TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  CONSTRAINT pk_journal_seal PRIMARY KEY (entity_id, sequence),
  CONSTRAINT ck_journal_seal_sequence_least CHECK (sequence >= 1),
  CONSTRAINT ck_journal_seal_act_known CHECK (act IN ('Created', 'Cancelled', 'Deleted')),
  CONSTRAINT ck_journal_seal_previous_hash_length CHECK (length(previous_hash) <= 64),
  CONSTRAINT ck_journal_seal_hash_length CHECK (length(hash) <= 64),
  CONSTRAINT uq_journal_seal_entry_id_act UNIQUE (entry_id, act),
  CONSTRAINT fk_journal_seal_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_journal_seal_entry_id FOREIGN KEY(entry_id) REFERENCES journal_entry (id)
);

CREATE TABLE prepaid_balance (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  original_subscription_id TEXT,
  scope TEXT NOT NULL,
  is_of_currency BOOLEAN NOT NULL,
  name TEXT NOT NULL,
  uom TEXT NOT NULL,
  total_fund NUMERIC NOT NULL,
  balance NUMERIC NOT NULL,
  start_date DATE NOT NULL,
  end_date DATE NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_prepaid_balance PRIMARY KEY (id),
  CONSTRAINT ck_prepaid_balance_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_prepaid_balance_scope_known CHECK (scope IN ('RATEPLAN', 'SUBSCRIPTION', 'ACCOUNT')),
  CONSTRAINT ck_prepaid_balance_total_fund_exact CHECK (total_fund >= 0),
  CONSTRAINT ck_prepaid_balance_balance_exact CHECK (balance >= 0),
  CONSTRAINT ck_prepaid_balance_state_known CHECK (state IN ('ACTIVE', 'EXPIRED')),
  CONSTRAINT ck_prepaid_balance_version_least CHECK (version >= 1),
  CONSTRAINT uq_prepaid_balance_entity_id_original_subscription_id_u_79ac UNIQUE (entity_id, original_subscription_id, uom, is_of_currency),
  CONSTRAINT ck_prepaid_balance_scope CHECK (scope <> 'RATEPLAN' AND (scope = 'ACCOUNT') = (original_subscription_id IS NULL)),
  CONSTRAINT fk_prepaid_balance_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_prepaid_balance_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);

CREATE INDEX ix_prepaid_balance_account_id ON prepaid_balance (account_id);

CREATE UNIQUE INDEX uq_prepaid_balance_pool ON prepaid_balance (account_id, uom, is_of_currency) WHERE scope = 'ACCOUNT';

CREATE TABLE product_rate_plan_charge (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  number TEXT NOT NULL,
  product_rate_plan_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  charge_type TEXT NOT NULL,
  charge_model TEXT NOT NULL,
  uom TEXT,
  default_quantity NUMERIC,
  included_units NUMERIC,
  tiers TEXT NOT NULL,
  list_price_base TEXT,
  billing_period TEXT,
  specific_billing_period BIGINT,
  billing_period_alignment TEXT,
  billing_timing TEXT,
  bill_cycle_type TEXT,
  bill_cycle_day BIGINT,
  trigger_event TEXT,
  end_date_condition TEXT,
  up_to_periods BIGINT,
  up_to_periods_type TEXT,
  rating_group TEXT,
  is_prepaid BOOLEAN NOT NULL,
  prepaid_operation_type TEXT,
  prepaid_quantity NUMERIC,
  prepaid_uom TEXT,
  validity_period_type TEXT,
  validity_period_alignment TEXT,
  validity_period_anchor_date DATE,
  validity_period_proration_option TEXT,
  specific_validity_period_length BIGINT,
  credit_option TEXT,
  breakage_policy TEXT,
  expected_breakage_rate NUMERIC,
  drawdown_rate NUMERIC,
  drawdown_uom TEXT,
  is_rollover BOOLEAN NOT NULL,
  rollover_apply TEXT,
  rollover_periods BIGINT,
  rollover_period_length BIGINT,
  rollover_period_type TEXT,
  rollover_fund_priority BIGINT,
  rollover_end_date_type TEXT,
  rollover_end_date DATE,
  charge_function TEXT,
  commitment_type TEXT,
  commitment_level TEXT,
  drawdown_priority BIGINT,
  fund_support_account_hierarchy BOOLEAN NOT NULL,
  proration_option TEXT,
  accounting_code TEXT,
  recognized_revenue_account TEXT,
  deferred_revenue_account TEXT,
  adjustment_revenue_account TEXT,
  revenue_recognition_rule_name TEXT,
  rev_rec_code TEXT,
  rev_rec_trigger_condition TEXT,
  exclude_booking_from_revenue BOOLEAN NOT NULL,
  exclude_billing_from_revenue BOOLEAN NOT NULL,
  use_discount_specific_accounting_code BOOLEAN NOT NULL,
  custom_fields TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_product_rate_plan_charge PRIMARY KEY (id),
  CONSTRAINT ck_product_rate_plan_charge_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_product_rate_plan_charge_name_length CHECK (length(name) <= 100),
  CONSTRAINT ck_product_rate_plan_charge_charge_type_known CHECK (charge_type IN ('OneTime', 'Recurring', 'Usage')),
  CONSTRAINT ck_product_rate_plan_charge_prepaid_operation_type_known CHECK (prepaid_operation_type IN ('topup', 'drawdown')),
  CONSTRAINT ck_product_rate_plan_charge_prepaid_quantity_exact CHECK (prepaid_quantity >= 0),
  CONSTRAINT ck_product_rate_plan_charge_validity_period_alignment_known CHECK (validity_period_alignment IN ('ChargeStart', 'TermStart', 'TermEnd', 'SpecificDate')),
  CONSTRAINT ck_product_rate_plan_charge_validity_period_proration_o_d73c CHECK (validity_period_proration_option IN ('ProrateUnits', 'NoProrate')),
  CONSTRAINT ck_product_rate_plan_charge_specific_validity_period_le_c796 CHECK (specific_validity_period_length >= 1),
  CONSTRAINT ck_product_rate_plan_charge_credit_option_known CHECK (credit_option IN ('TimeBased', 'ConsumptionBased', 'FullCreditBack')),
  CONSTRAINT ck_product_rate_plan_charge_breakage_policy_known CHECK (breakage_policy IN ('AtExpiry', 'Proportional', 'None')),
  CONSTRAINT ck_product_rate_plan_charge_expected_breakage_rate_exact CHECK (expected_breakage_rate >= 0),
  CONSTRAINT ck_product_rate_plan_charge_drawdown_rate_exact CHECK (drawdown_rate >= 0),
  CONSTRAINT ck_product_rate_plan_charge_rollover_apply_known CHECK (rollover_apply IN ('ApplyFirst', 'ApplyLast')),
  CONSTRAINT ck_product_rate_plan_charge_rollover_periods_least CHECK (rollover_periods >= 1),
  CONSTRAINT ck_product_rate_plan_charge_rollover_period_length_least CHECK (rollover_period_length >= 1),
  CONSTRAINT ck_product_rate_plan_charge_rollover_period_type_known CHECK (rollover_period_type IN ('Day', 'Month', 'Quarter', 'Annual')),
  CONSTRAINT ck_product_rate_plan_charge_rollover_end_date_type_known CHECK (rollover_end_date_type IN ('ChargeEndDate', 'SubscriptionTerm', 'SpecificDate')),
  CONSTRAINT ck_product_rate_plan_charge_commitment_type_known CHECK (commitment_type IN ('UNIT', 'CURRENCY')),
  CONSTRAINT uq_product_rate_plan_charge_entity_id_number UNIQUE (entity_id, number),
  CONSTRAINT fk_product_rate_plan_charge_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_product_rate_plan_charge_product_rate_plan_id FOREIGN KEY(product_rate_plan_id) REFERENCES product_rate_plan (id)
);

CREATE INDEX ix_product_rate_plan_charge_product_rate_plan_id ON product_rate_plan_charge (product_rate_plan_id);

CREATE TABLE rating_result (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  charge_id TEXT NOT NULL,
  charge_number TEXT NOT NULL,
  charge_segment BIGINT NOT NULL,
  original_subscription_id TEXT NOT NULL,
  currency TEXT NOT NULL,
  service_start_date DATE NOT NULL,
  service_end_date DATE NOT NULL,
  quantity NUMERIC NOT NULL,
  amount_minor BIGINT NOT NULL,
  status TEXT NOT NULL,
  group_key TEXT,
  is_individual BOOLEAN NOT NULL,
  invoice_item_id TEXT,
  version BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_rating_result PRIMARY KEY (id),
  CONSTRAINT ck_rating_result_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_rating_result_charge_segment_least CHECK (charge_segment >= 1),
  CONSTRAINT ck_rating_result_version_least CHECK (version >= 1),
  CONSTRAINT uq_rating_result_entity_id_charge_id_charge_segment_ser_dae0 UNIQUE (entity_id, charge_id, charge_segment, service_start_date, group_key),
  CONSTRAINT fk_rating_result_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_rating_result_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);

CREATE TABLE usage_record (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  account_number TEXT NOT NULL,
  subscription_id TEXT,
  subscription_number TEXT,
  charge_id TEXT,
  charge_number TEXT,
  uom TEXT NOT NULL,
  quantity NUMERIC NOT NULL,
  start_date_time TIMESTAMP WITH TIME ZONE NOT NULL,
  end_date_time TIMESTAMP WITH TIME ZONE,
  usage_date DATE NOT NULL,
  description TEXT,
  unique_key TEXT,
  rbe_status TEXT NOT NULL,
  source_type TEXT NOT NULL,
  file_name TEXT,
  import_id TEXT,
  deleted BOOLEAN NOT NULL,
  custom_fields TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_usage_record PRIMARY KEY (id),
  CONSTRAINT ck_usage_record_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_usage_record_dates CHECK (start_date_time <= end_date_time),
  CONSTRAINT ck_usage_record_description_length CHECK (length(description) <= 200),
  CONSTRAINT ck_usage_record_unique_key_length CHECK (length(unique_key) <= 255),
  CONSTRAINT ck_usage_record_rbe_status_known CHECK (rbe_status IN ('Importing', 'Pending', 'Processed')),
  CONSTRAINT ck_usage_record_source_type_known CHECK (source_type IN ('API', 'Import')),
  CONSTRAINT uq_usage_record_entity_id_unique_key UNIQUE (entity_id, unique_key),
  CONSTRAINT fk_usage_record_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_usage_record_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);

CREATE INDEX ix_usage_record_account ON usage_record (account_id, start_date_time);

CREATE TABLE guided_usage (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  usage_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  charge_id TEXT NOT NULL,
  charge_number TEXT NOT NULL,
  charge_segment BIGINT NOT NULL,
  original_subscription_id TEXT NOT NULL,
  uom TEXT NOT NULL,
  quantity NUMERIC NOT NULL,
  usage_date DATE NOT NULL,
  remaining_quantity NUMERIC NOT NULL,
  amount_minor BIGINT,
  group_key TEXT,
  status TEXT NOT NULL,
  deleted BOOLEAN NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_guided_usage PRIMARY KEY (id),
  CONSTRAINT ck_guided_usage_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_guided_usage_charge_segment_least CHECK (charge_segment >= 1),
  CONSTRAINT ck_guided_usage_group_key_length CHECK (length(group_key) <= 255),
  CONSTRAINT ck_guided_usage_status_known CHECK (status IN ('Pending', 'Processed')),
  CONSTRAINT fk_guided_usage_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_guided_usage_usage_id FOREIGN KEY(usage_id) REFERENCES usage_record (id),
  CONSTRAINT fk_guided_usage_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);

CREATE INDEX ix_guided_usage_pending ON guided_usage (charge_id, usage_date) WHERE status = 'Pending' AND deleted = false;

CREATE INDEX ix_guided_usage_usage_id ON guided_usage (usage_id);

CREATE TABLE subscription (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  original_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  invoice_owner_id TEXT NOT NULL,
  number TEXT NOT NULL,
  version BIGINT NOT NULL,
  is_latest BOOLEAN NOT NULL,
  status TEXT NOT NULL,
  currency TEXT NOT NULL,
  term_type TEXT NOT NULL,
  initial_term BIGINT,
  initial_term_period_type TEXT,
  current_term BIGINT,
  current_term_period_type TEXT,
  renewal_term BIGINT,
  renewal_term_period_type TEXT,
  renewal_setting TEXT NOT NULL,
  auto_renew BOOLEAN NOT NULL,
  term_start_date DATE NOT NULL,
  term_end_date DATE,
  contract_effective_date DATE NOT NULL,
  service_activation_date DATE NOT NULL,
  customer_acceptance_date DATE NOT NULL,
  cancelled_date DATE,
  deleted BOOLEAN NOT NULL,
  order_id TEXT,
  notes TEXT,
  custom_fields TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_subscription PRIMARY KEY (id),
  CONSTRAINT ck_subscription_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_subscription_number_length CHECK (length(number) <= 100),
  CONSTRAINT ck_subscription_version_least CHECK (version >= 1),
  CONSTRAINT ck_subscription_term_type_known CHECK (term_type IN ('TERMED', 'EVERGREEN')),
  CONSTRAINT ck_subscription_term CHECK (term_start_date < term_end_date),
  CONSTRAINT uq_subscription_entity_id_number_version UNIQUE (entity_id, number, version),
  CONSTRAINT fk_subscription_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_subscription_account_id FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT fk_subscription_invoice_owner_id FOREIGN KEY(invoice_owner_id) REFERENCES account (id),
  CONSTRAINT fk_subscription_order_id FOREIGN KEY(order_id) REFERENCES customer_order (id)
);

CREATE INDEX ix_subscription_account_id ON subscription (account_id);

CREATE INDEX ix_subscription_invoice_owner_id ON subscription (invoice_owner_id);

CREATE INDEX ix_subscription_order_id ON subscription (order_id);

CREATE INDEX ix_subscription_original ON subscription (entity_id, original_id, version);

CREATE TABLE validity_period_summary (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  prepaid_balance_id TEXT NOT NULL,
  account_number TEXT NOT NULL,
  subscription_number TEXT,
  uom TEXT NOT NULL,
  start_date DATE NOT NULL,
  end_date DATE NOT NULL,
  total_balance NUMERIC NOT NULL,
  remaining_balance NUMERIC NOT NULL,
  billing_timing TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_validity_period_summary PRIMARY KEY (id),
  CONSTRAINT ck_validity_period_summary_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_validity_period_summary_dates CHECK (start_date < end_date),
  CONSTRAINT ck_validity_period_summary_total_balance_exact CHECK (total_balance >= 0),
  CONSTRAINT ck_validity_period_summary_remaining_balance_exact CHECK (remaining_balance >= 0),
  CONSTRAINT uq_validity_period_summary_prepaid_balance_id_start_dat_8834 UNIQUE (prepaid_balance_id, start_date, end_date),
  CONSTRAINT fk_validity_period_summary_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_validity_period_summary_account_id FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT fk_validity_period_summary_prepaid_balance_id FOREIGN KEY(prepaid_balance_id) REFERENCES prepaid_balance (id)
);

CREATE INDEX ix_validity_period_summary_account_id ON validity_period_summary (account_id);

CREATE TABLE fund (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  prepaid_balance_id TEXT NOT NULL,
  validity_period_summary_id TEXT NOT NULL,
  source_id TEXT NOT NULL,
  charge_number TEXT NOT NULL,
  charge_segment BIGINT NOT NULL,
  currency TEXT NOT NULL,
  funded_balance NUMERIC NOT NULL,
  balance NUMERIC NOT NULL,
  funding_price_minor BIGINT NOT NULL,
  start_date DATE NOT NULL,
  end_date DATE NOT NULL,
  scope TEXT NOT NULL,
  holder_id TEXT NOT NULL,
  supports_hierarchy BOOLEAN NOT NULL,
  is_of_currency BOOLEAN NOT NULL,
  priority BIGINT NOT NULL,
  rollover_apply TEXT,
  rollover_count BIGINT NOT NULL,
  origin_fund_id TEXT,
  rolled_over NUMERIC NOT NULL,
  rolled_back NUMERIC NOT NULL,
  rolled_minor BIGINT NOT NULL,
  expired NUMERIC NOT NULL,
  depleted NUMERIC NOT NULL,
  done BOOLEAN NOT NULL,
  breakage_policy TEXT NOT NULL,
  expected_breakage_rate NUMERIC,
  expired_on DATE,
  credited_minor BIGINT NOT NULL,
  credited_on DATE,
  transaction_count BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_fund PRIMARY KEY (id),
  CONSTRAINT ck_fund_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_fund_charge_segment_least CHECK (charge_segment >= 1),
  CONSTRAINT ck_fund_funded_balance_exact CHECK (funded_balance >= 0),
  CONSTRAINT ck_fund_balance_exact CHECK (balance >= 0),
  CONSTRAINT ck_fund_funding_price_minor_least CHECK (funding_price_minor >= 0),
  CONSTRAINT ck_fund_dates CHECK (start_date < end_date),
  CONSTRAINT ck_fund_scope_known CHECK (scope IN ('RATEPLAN', 'SUBSCRIPTION', 'ACCOUNT')),
  CONSTRAINT ck_fund_rollover_apply_known CHECK (rollover_apply IN ('ApplyFirst', 'ApplyLast')),
  CONSTRAINT ck_fund_rollover_count_least CHECK (rollover_count >= 0),
  CONSTRAINT ck_fund_rolled_over_exact CHECK (rolled_over >= 0),
  CONSTRAINT ck_fund_rolled_back_exact CHECK (rolled_back >= 0),
  CONSTRAINT ck_fund_rolled_minor_least CHECK (rolled_minor >= 0),
  CONSTRAINT ck_fund_expired_exact CHECK (expired >= 0),
  CONSTRAINT ck_fund_depleted_exact CHECK (depleted >= 0),
  CONSTRAINT ck_fund_breakage_policy_known CHECK (breakage_policy IN ('AtExpiry', 'Proportional', 'None')),
  CONSTRAINT ck_fund_expected_breakage_rate_exact CHECK (expected_breakage_rate >= 0),
  CONSTRAINT ck_fund_credited_minor_least CHECK (credited_minor >= 0),
  CONSTRAINT ck_fund_transaction_count_least CHECK (transaction_count >= 0),
  CONSTRAINT fk_fund_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_fund_account_id FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT fk_fund_prepaid_balance_id FOREIGN KEY(prepaid_balance_id) REFERENCES prepaid_balance (id),
  CONSTRAINT fk_fund_validity_period_summary_id FOREIGN KEY(validity_period_summary_id) REFERENCES validity_period_summary (id),
  CONSTRAINT fk_fund_origin_fund_id FOREIGN KEY(origin_fund_id) REFERENCES fund (id)
);

CREATE INDEX ix_fund_account_id ON fund (account_id);

CREATE INDEX ix_fund_prepaid_balance_id ON fund (prepaid_balance_id);

CREATE TABLE notification (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  threshold_id TEXT NOT NULL,
  validity_period_summary_id TEXT NOT NULL,
  mode TEXT NOT NULL,
  value NUMERIC NOT NULL,
  total_balance NUMERIC NOT NULL,
  remaining_balance NUMERIC NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  next_attempt_at TIMESTAMP WITH TIME ZONE,
  last_status BIGINT,
  last_error TEXT,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  delivered_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_notification PRIMARY KEY (id),
  CONSTRAINT ck_notification_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_notification_mode_known CHECK (mode IN ('Percentage', 'Units')),
  CONSTRAINT ck_notification_value_exact CHECK (value >= 0),
  CONSTRAINT ck_notification_total_balance_exact CHECK (total_balance >= 0),
  CONSTRAINT ck_notification_remaining_balance_exact CHECK (remaining_balance >= 0),
  CONSTRAINT ck_notification_state_known CHECK (state IN ('Pending', 'Delivered', 'Failed')),
  CONSTRAINT ck_notification_attempts_least CHECK (attempts >= 0),
  CONSTRAINT fk_notification_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_notification_account_id FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT fk_notification_threshold_id FOREIGN KEY(threshold_id) REFERENCES threshold (id),
  CONSTRAINT fk_notification_validity_period_summary_id FOREIGN KEY(validity_period_summary_id) REFERENCES validity_period_summary (id)
);

CREATE INDEX ix_notification_due ON notification (next_attempt_at);

CREATE TABLE rate_plan (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  original_id TEXT NOT NULL,
  subscription_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  product_rate_plan_id TEXT NOT NULL,
  name TEXT NOT NULL,
  last_change_type TEXT NOT NULL,
  custom_fields TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_rate_plan PRIMARY KEY (id),
  CONSTRAINT ck_rate_plan_id_length CHECK (length(id) = 32),
  CONSTRAINT uq_rate_plan_subscription_id_original_id UNIQUE (subscription_id, original_id),
  CONSTRAINT fk_rate_plan_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_rate_plan_subscription_id FOREIGN KEY(subscription_id) REFERENCES subscription (id),
  CONSTRAINT fk_rate_plan_product_id FOREIGN KEY(product_id) REFERENCES product (id),
  CONSTRAINT fk_rate_plan_product_rate_plan_id FOREIGN KEY(product_rate_plan_id) REFERENCES product_rate_plan (id)
);

CREATE INDEX ix_rate_plan_subscription_id ON rate_plan (subscription_id);

CREATE TABLE balance_transaction (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  prepaid_balance_id TEXT NOT NULL,
  fund_id TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  amount NUMERIC NOT NULL,
  balance NUMERIC NOT NULL,
  transaction_date DATE NOT NULL,
  transaction_type TEXT NOT NULL,
  source_type TEXT NOT NULL,
  source_id TEXT NOT NULL,
  usage_id TEXT,
  usage_uom TEXT,
  drawdown_rate NUMERIC,
  drawdown_charge_id TEXT,
  drawdown_charge_number TEXT,
  drawdown_charge_segment BIGINT,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_balance_transaction PRIMARY KEY (id),
  CONSTRAINT ck_balance_transaction_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_balance_transaction_sequence_least CHECK (sequence >= 1),
  CONSTRAINT ck_balance_transaction_balance_exact CHECK (balance >= 0),
  CONSTRAINT ck_balance_transaction_transaction_type_known CHECK (transaction_type IN ('PREPAYMENT', 'PREPAYMENT_ADJUSTMENT', 'DRAWDOWN', 'DRAWDOWN_ADJUSTMENT', 'DRAWDOWN_REVERSAL', 'PREPAYMENT_CREDIT_BACK', 'PREPAYMENT_CREDIT_BACK_REVERSAL', 'ROLLED_OVER', 'ROLLOVER', 'FUND_EXPIRY')),
  CONSTRAINT ck_balance_transaction_source_type_known CHECK (source_type IN ('CHARGE', 'USAGE')),
  CONSTRAINT ck_balance_transaction_drawdown_rate_exact CHECK (drawdown_rate >= 0),
  CONSTRAINT ck_balance_transaction_drawdown_charge_segment_least CHECK (drawdown_charge_segment >= 1),
  CONSTRAINT uq_balance_transaction_fund_id_sequence UNIQUE (fund_id, sequence),
  CONSTRAINT fk_balance_transaction_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_balance_transaction_account_id FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT fk_balance_transaction_prepaid_balance_id FOREIGN KEY(prepaid_balance_id) REFERENCES prepaid_balance (id),
  CONSTRAINT fk_balance_transaction_fund_id FOREIGN KEY(fund_id) REFERENCES fund (id),
  CONSTRAINT fk_balance_transaction_usage_id FOREIGN KEY(usage_id) REFERENCES usage_record (id)
);

CREATE INDEX ix_balance_transaction_usage_id ON balance_transaction (usage_id);

CREATE TABLE billing_document_item (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  document_id TEXT NOT NULL,
  place BIGINT NOT NULL,
  account_id TEXT NOT NULL,
  charge_id TEXT,
  charge_segment BIGINT,
  original_subscription_id TEXT,
  product_charge_id TEXT,
  fund_id TEXT,
  is_rated BOOLEAN NOT NULL,
  charge_name TEXT NOT NULL,
  description TEXT,
  sku TEXT,
  uom TEXT,
  quantity NUMERIC,
  unit_price NUMERIC,
  amount_minor BIGINT NOT NULL,
  service_start DATE NOT NULL,
  service_end DATE NOT NULL,
  processing_type TEXT NOT NULL,
  source_item_id TEXT,
  rule_name TEXT,
  recognized_by TEXT NOT NULL,
  receivable_code TEXT,
  receivable_code_type TEXT NOT NULL,
  contra_code TEXT,
  contra_code_type TEXT NOT NULL,
  recognized_code TEXT,
  recognized_code_type TEXT,
  deferred_code TEXT,
  deferred_code_type TEXT,
  reversal_id TEXT,
  custom_fields TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_billing_document_item PRIMARY KEY (id),
  CONSTRAINT ck_billing_document_item_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_billing_document_item_place_least CHECK (place >= 1),
  CONSTRAINT ck_billing_document_item_charge_segment_least CHECK (charge_segment >= 1),
  CONSTRAINT ck_billing_document_item_one_series CHECK (fund_id IS NULL OR NOT is_rated),
  CONSTRAINT ck_billing_document_item_subscribed_charge CHECK ((charge_id IS NULL) = (original_subscription_id IS NULL)),
  CONSTRAINT ck_billing_document_item_charge_name_length CHECK (length(charge_name) <= 255),
  CONSTRAINT ck_billing_document_item_description_length CHECK (length(description) <= 1000),
  CONSTRAINT ck_billing_document_item_sku_length CHECK (length(sku) <= 255),
  CONSTRAINT ck_billing_document_item_service CHECK (service_start <= service_end),
  CONSTRAINT ck_billing_document_item_processing_type_known CHECK (processing_type IN ('Charge')),
  CONSTRAINT ck_billing_document_item_recognized_by_known CHECK (recognized_by IN ('Schedule', 'Drawdown', 'Usage', 'Billing')),
  CONSTRAINT uq_billing_document_item_document_id_place UNIQUE (document_id, place),
  CONSTRAINT uq_billing_document_item_reversal_id UNIQUE (reversal_id),
  CONSTRAINT fk_billing_document_item_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_billing_document_item_document_id FOREIGN KEY(document_id) REFERENCES billing_document (id),
  CONSTRAINT fk_billing_document_item_account_id FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT fk_billing_document_item_product_charge_id FOREIGN KEY(product_charge_id) REFERENCES product_rate_plan_charge (id),
  CONSTRAINT fk_billing_document_item_fund_id FOREIGN KEY(fund_id) REFERENCES fund (id),
  CONSTRAINT fk_billing_document_item_source_item_id FOREIGN KEY(source_item_id) REFERENCES billing_document_item (id)
);

CREATE INDEX ix_billing_document_item_charge ON billing_document_item (charge_id);

CREATE INDEX ix_billing_document_item_product_charge_id ON billing_document_item (product_charge_id);

CREATE INDEX ix_billing_document_item_source_item_id ON billing_document_item (source_item_id);

CREATE INDEX ix_billing_document_item_subscription ON billing_document_item (original_subscription_id);

CREATE TABLE daily_consumption (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  charge_id TEXT NOT NULL,
  charge_segment BIGINT NOT NULL,
  fund_id TEXT,
  rating_result_id TEXT,
  ending TEXT,
  usage_charge_id TEXT,
  usage_charge_number TEXT,
  usage_charge_name TEXT,
  usage_charge_segment BIGINT,
  transaction_date DATE NOT NULL,
  quantity NUMERIC NOT NULL,
  units NUMERIC,
  amount_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  recognized_revenue_account TEXT,
  adjustment_revenue_account TEXT,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_daily_consumption PRIMARY KEY (id),
  CONSTRAINT ck_daily_consumption_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_daily_consumption_charge_segment_least CHECK (charge_segment >= 1),
  CONSTRAINT ck_daily_consumption_one_series CHECK ((fund_id IS NULL) <> (rating_result_id IS NULL)),
  CONSTRAINT ck_daily_consumption_ending_known CHECK (ending IN ('EXPIRY', 'CREDIT')),
  CONSTRAINT ck_daily_consumption_usage_charge_segment_least CHECK (usage_charge_segment >= 1),
  CONSTRAINT ck_daily_consumption_used_or_ended CHECK ((usage_charge_id IS NULL) = (ending IS NOT NULL)),
  CONSTRAINT uq_daily_consumption_fund_id_transaction_date_usage_cha_7911 UNIQUE (fund_id, transaction_date, usage_charge_id, usage_charge_segment),
  CONSTRAINT uq_daily_consumption_rating_result_id_transaction_date UNIQUE (rating_result_id, transaction_date),
  CONSTRAINT fk_daily_consumption_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_daily_consumption_account_id FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT fk_daily_consumption_fund_id FOREIGN KEY(fund_id) REFERENCES fund (id),
  CONSTRAINT fk_daily_consumption_rating_result_id FOREIGN KEY(rating_result_id) REFERENCES rating_result (id)
);

CREATE TABLE rate_plan_charge (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  original_id TEXT NOT NULL,
  number TEXT NOT NULL,
  segment BIGINT NOT NULL,
  version BIGINT NOT NULL,
  is_latest BOOLEAN NOT NULL,
  rate_plan_id TEXT NOT NULL,
  subscription_id TEXT NOT NULL,
  original_subscription_id TEXT NOT NULL,
  subscription_number TEXT NOT NULL,
  account_id TEXT NOT NULL,
  product_rate_plan_charge_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  charge_type TEXT NOT NULL,
  charge_model TEXT NOT NULL,
  uom TEXT,
  default_quantity NUMERIC,
  included_units NUMERIC,
  tiers TEXT NOT NULL,
  list_price_base TEXT,
  billing_period TEXT,
  specific_billing_period BIGINT,
  billing_period_alignment TEXT,
  billing_timing TEXT,
  bill_cycle_type TEXT,
  bill_cycle_day BIGINT,
  trigger_event TEXT,
  end_date_condition TEXT,
  up_to_periods BIGINT,
  up_to_periods_type TEXT,
  rating_group TEXT,
  is_prepaid BOOLEAN NOT NULL,
  prepaid_operation_type TEXT,
  prepaid_quantity NUMERIC,
  prepaid_uom TEXT,
  validity_period_type TEXT,
  validity_period_alignment TEXT,
  validity_period_anchor_date DATE,
  validity_period_proration_option TEXT,
  specific_validity_period_length BIGINT,
  credit_option TEXT,
  breakage_policy TEXT,
  expected_breakage_rate NUMERIC,
  drawdown_rate NUMERIC,
  drawdown_uom TEXT,
  is_rollover BOOLEAN NOT NULL,
  rollover_apply TEXT,
  rollover_periods BIGINT,
  rollover_period_length BIGINT,
  rollover_period_type TEXT,
  rollover_fund_priority BIGINT,
  rollover_end_date_type TEXT,
  rollover_end_date DATE,
  charge_function TEXT,
  commitment_type TEXT,
  commitment_level TEXT,
  drawdown_priority BIGINT,
  fund_support_account_hierarchy BOOLEAN NOT NULL,
  proration_option TEXT,
  accounting_code TEXT,
  recognized_revenue_account TEXT,
  deferred_revenue_account TEXT,
  adjustment_revenue_account TEXT,
  revenue_recognition_rule_name TEXT,
  rev_rec_code TEXT,
  rev_rec_trigger_condition TEXT,
  exclude_booking_from_revenue BOOLEAN NOT NULL,
  exclude_billing_from_revenue BOOLEAN NOT NULL,
  use_discount_specific_accounting_code BOOLEAN NOT NULL,
  currency TEXT NOT NULL,
  quantity NUMERIC,
  effective_start_date DATE NOT NULL,
  effective_end_date DATE,
  original_start_date DATE,
  custom_fields TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_rate_plan_charge PRIMARY KEY (id),
  CONSTRAINT ck_rate_plan_charge_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_rate_plan_charge_segment_least CHECK (segment >= 1),
  CONSTRAINT ck_rate_plan_charge_version_least CHECK (version >= 1),
  CONSTRAINT ck_rate_plan_charge_name_length CHECK (length(name) <= 100),
  CONSTRAINT ck_rate_plan_charge_charge_type_known CHECK (charge_type IN ('OneTime', 'Recurring', 'Usage')),
  CONSTRAINT ck_rate_plan_charge_prepaid_operation_type_known CHECK (prepaid_operation_type IN ('topup', 'drawdown')),
  CONSTRAINT ck_rate_plan_charge_prepaid_quantity_exact CHECK (prepaid_quantity >= 0),
  CONSTRAINT ck_rate_plan_charge_validity_period_alignment_known CHECK (validity_period_alignment IN ('ChargeStart', 'TermStart', 'TermEnd', 'SpecificDate')),
  CONSTRAINT ck_rate_plan_charge_validity_period_proration_option_known CHECK (validity_period_proration_option IN ('ProrateUnits', 'NoProrate')),
  CONSTRAINT ck_rate_plan_charge_specific_validity_period_length_least CHECK (specific_validity_period_length >= 1),
  CONSTRAINT ck_rate_plan_charge_credit_option_known CHECK (credit_option IN ('TimeBased', 'ConsumptionBased', 'FullCreditBack')),
  CONSTRAINT ck_rate_plan_charge_breakage_policy_known CHECK (breakage_policy IN ('AtExpiry', 'Proportional', 'None')),
  CONSTRAINT ck_rate_plan_charge_expected_breakage_rate_exact CHECK (expected_breakage_rate >= 0),
  CONSTRAINT ck_rate_plan_charge_drawdown_rate_exact CHECK (drawdown_rate >= 0),
  CONSTRAINT ck_rate_plan_charge_rollover_apply_known CHECK (rollover_apply IN ('ApplyFirst', 'ApplyLast')),
  CONSTRAINT ck_rate_plan_charge_rollover_periods_least CHECK (rollover_periods >= 1),
  CONSTRAINT ck_rate_plan_charge_rollover_period_length_least CHECK (rollover_period_length >= 1),
  CONSTRAINT ck_rate_plan_charge_rollover_period_type_known CHECK (rollover_period_type IN ('Day', 'Month', 'Quarter', 'Annual')),
  CONSTRAINT ck_rate_plan_charge_rollover_end_date_type_known CHECK (rollover_end_date_type IN ('ChargeEndDate', 'SubscriptionTerm', 'SpecificDate')),
  CONSTRAINT ck_rate_plan_charge_commitment_type_known CHECK (commitment_type IN ('UNIT', 'CURRENCY')),
  CONSTRAINT ck_rate_plan_charge_effective_dates CHECK (effective_start_date <= effective_end_date),
  CONSTRAINT uq_rate_plan_charge_subscription_id_original_id_segment UNIQUE (subscription_id, original_id, segment),
  CONSTRAINT fk_rate_plan_charge_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_rate_plan_charge_rate_plan_id FOREIGN KEY(rate_plan_id) REFERENCES rate_plan (id),
  CONSTRAINT fk_rate_plan_charge_subscription_id FOREIGN KEY(subscription_id) REFERENCES subscription (id),
  CONSTRAINT fk_rate_plan_charge_account_id FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT fk_rate_plan_charge_product_rate_plan_charge_id FOREIGN KEY(product_rate_plan_charge_id) REFERENCES product_rate_plan_charge (id)
);

CREATE INDEX ix_rate_plan_charge_account ON rate_plan_charge (account_id, uom, is_latest);

CREATE INDEX ix_rate_plan_charge_account_id ON rate_plan_charge (account_id);

CREATE INDEX ix_rate_plan_charge_number ON rate_plan_charge (entity_id, number, is_latest);

CREATE INDEX ix_rate_plan_charge_original ON rate_plan_charge (entity_id, original_id, is_latest);

CREATE INDEX ix_rate_plan_charge_product_rate_plan_charge_id ON rate_plan_charge (product_rate_plan_charge_id);

CREATE INDEX ix_rate_plan_charge_rate_plan_id ON rate_plan_charge (rate_plan_id);

CREATE INDEX ix_rate_plan_charge_subscription_id ON rate_plan_charge (subscription_id);

CREATE TABLE revenue_event (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  event_type TEXT NOT NULL,
  subscription_name TEXT NOT NULL,
  charge_id TEXT NOT NULL,
  charge_number TEXT NOT NULL,
  charge_segment BIGINT NOT NULL,
  transaction_date DATE NOT NULL,
  quantity NUMERIC NOT NULL,
  amount_minor BIGINT,
  currency TEXT NOT NULL,
  unit_price NUMERIC,
  fund_id TEXT,
  fund_start_date DATE,
  fund_end_date DATE,
  rating_result_id TEXT,
  usage_charge_id TEXT,
  usage_charge_number TEXT,
  usage_charge_name TEXT,
  usage_charge_segment BIGINT,
  recognized_revenue_account TEXT,
  adjustment_revenue_account TEXT,
  exclude_booking_from_revenue BOOLEAN NOT NULL,
  exclude_billing_from_revenue BOOLEAN NOT NULL,
  regenerate_flag TEXT NOT NULL,
  collected_minor BIGINT NOT NULL,
  deleted BOOLEAN NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_revenue_event PRIMARY KEY (id),
  CONSTRAINT ck_revenue_event_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_revenue_event_event_type_known CHECK (event_type IN ('Daily Rated Usage', 'Unbilled Usage', 'Fund Expiry', 'FundRollover', 'FundCredit')),
  CONSTRAINT ck_revenue_event_charge_segment_least CHECK (charge_segment >= 1),
  CONSTRAINT ck_revenue_event_one_series CHECK ((fund_id IS NULL) <> (rating_result_id IS NULL)),
  CONSTRAINT ck_revenue_event_regenerate_flag_known CHECK (regenerate_flag IN ('N', 'Y')),
  CONSTRAINT fk_revenue_event_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_revenue_event_account_id FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT fk_revenue_event_fund_id FOREIGN KEY(fund_id) REFERENCES fund (id),
  CONSTRAINT fk_revenue_event_rating_result_id FOREIGN KEY(rating_result_id) REFERENCES rating_result (id)
);

CREATE INDEX ix_revenue_event_fund ON revenue_event (fund_id, transaction_date);

CREATE INDEX ix_revenue_event_rating ON revenue_event (rating_result_id, transaction_date);

CREATE TABLE revenue_schedule (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  number TEXT NOT NULL,
  account_id TEXT NOT NULL,
  original_subscription_id TEXT,
  charge_id TEXT,
  product_charge_id TEXT,
  amount_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  rule_name TEXT NOT NULL,
  schedule_date DATE NOT NULL,
  fund_id TEXT,
  rating_result_id TEXT,
  credited_fund_id TEXT,
  rolled_fund_id TEXT,
  linked_type TEXT,
  linked_id TEXT,
  linked_number TEXT,
  reverses_id TEXT,
  recognition_start DATE,
  recognition_end DATE,
  distribution_type TEXT,
  recognition_rounding TEXT,
  recognition_not_before DATE,
  reference_id TEXT,
  notes TEXT,
  override_accounting_codes BOOLEAN NOT NULL,
  recognized_code TEXT,
  recognized_code_type TEXT,
  deferred_code TEXT,
  deferred_code_type TEXT,
  deleted BOOLEAN NOT NULL,
  deleted_at TIMESTAMP WITH TIME ZONE,
  custom_fields TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_revenue_schedule PRIMARY KEY (id),
  CONSTRAINT ck_revenue_schedule_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_revenue_schedule_one_charge CHECK (charge_id IS NULL OR product_charge_id IS NULL),
  CONSTRAINT ck_revenue_schedule_some_origin CHECK (charge_id IS NOT NULL OR product_charge_id IS NOT NULL OR linked_id IS NOT NULL),
  CONSTRAINT ck_revenue_schedule_linked_type_known CHECK (linked_type IN ('InvoiceItem', 'InvoiceItemAdjustment', 'CreditMemoItem', 'DebitMemoItem')),
  CONSTRAINT ck_revenue_schedule_linked CHECK ((linked_id IS NULL) = (linked_type IS NULL)),
  CONSTRAINT ck_revenue_schedule_linked_or_referred CHECK (linked_id IS NULL OR reference_id IS NULL),
  CONSTRAINT ck_revenue_schedule_reverses_linked CHECK (reverses_id IS NULL OR linked_id IS NOT NULL),
  CONSTRAINT ck_revenue_schedule_distribution_type_known CHECK (distribution_type IN ('Daily Distribution', 'Monthly Distribution (Back Load)', 'Monthly Distribution (Front Load)', 'Monthly Distribution (Proration by Days)')),
  CONSTRAINT ck_revenue_schedule_recognition_rounding_known CHECK (recognition_rounding IN ('Trailing', 'Leading', 'HalfUpPerPeriod')),
  CONSTRAINT ck_revenue_schedule_reference_id_length CHECK (length(reference_id) <= 100),
  CONSTRAINT ck_revenue_schedule_notes_length CHECK (length(notes) <= 2000),
  CONSTRAINT ck_revenue_schedule_deleted CHECK (deleted = (deleted_at IS NOT NULL)),
  CONSTRAINT uq_revenue_schedule_entity_id_number UNIQUE (entity_id, number),
  CONSTRAINT uq_revenue_schedule_fund_id UNIQUE (fund_id),
  CONSTRAINT fk_revenue_schedule_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_revenue_schedule_account_id FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT fk_revenue_schedule_fund_id FOREIGN KEY(fund_id) REFERENCES fund (id),
  CONSTRAINT fk_revenue_schedule_rating_result_id FOREIGN KEY(rating_result_id) REFERENCES rating_result (id),
  CONSTRAINT fk_revenue_schedule_credited_fund_id FOREIGN KEY(credited_fund_id) REFERENCES fund (id),
  CONSTRAINT fk_revenue_schedule_rolled_fund_id FOREIGN KEY(rolled_fund_id) REFERENCES fund (id),
  CONSTRAINT fk_revenue_schedule_reverses_id FOREIGN KEY(reverses_id) REFERENCES revenue_schedule (id)
);

CREATE INDEX ix_revenue_schedule_charge ON revenue_schedule (entity_id, charge_id, updated_at);

CREATE INDEX ix_revenue_schedule_credited_fund_id ON revenue_schedule (credited_fund_id);

CREATE INDEX ix_revenue_schedule_rating_result_id ON revenue_schedule (rating_result_id);

CREATE INDEX ix_revenue_schedule_rolled_fund_id ON revenue_schedule (rolled_fund_id);

CREATE UNIQUE INDEX uq_revenue_schedule_linked ON revenue_schedule (entity_id, linked_id) WHERE reverses_id IS NULL;

CREATE UNIQUE INDEX uq_revenue_schedule_reverses ON revenue_schedule (reverses_id) WHERE reverses_id IS NOT NULL;

CREATE TABLE distribution (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  number TEXT NOT NULL,
  schedule_id TEXT NOT NULL,
  event_type TEXT NOT NULL,
  event_type_system_id TEXT NOT NULL,
  notes TEXT,
  recognition_start DATE,
  recognition_end DATE,
  custom_fields TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_distribution PRIMARY KEY (id),
  CONSTRAINT ck_distribution_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_distribution_event_type_length CHECK (length(event_type) <= 50),
  CONSTRAINT ck_distribution_event_type_system_id_length CHECK (length(event_type_system_id) <= 50),
  CONSTRAINT uq_distribution_entity_id_number UNIQUE (entity_id, number),
  CONSTRAINT fk_distribution_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_distribution_schedule_id FOREIGN KEY(schedule_id) REFERENCES revenue_schedule (id)
);

CREATE INDEX ix_distribution_schedule_id ON distribution (schedule_id);

CREATE TABLE invoice_item_adjustment (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  number TEXT NOT NULL,
  account_id TEXT NOT NULL,
  invoice_id TEXT NOT NULL,
  item_id TEXT NOT NULL,
  type TEXT NOT NULL,
  adjustment_date DATE NOT NULL,
  amount_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  status TEXT NOT NULL,
  reason_code TEXT,
  reference_id TEXT,
  comment TEXT,
  receivable_code TEXT,
  receivable_code_type TEXT NOT NULL,
  contra_code TEXT,
  contra_code_type TEXT NOT NULL,
  recognized_code TEXT,
  recognized_code_type TEXT,
  deferred_code TEXT,
  deferred_code_type TEXT,
  canceled_at TIMESTAMP WITH TIME ZONE,
  canceled_by TEXT,
  reversal_id TEXT,
  custom_fields TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_invoice_item_adjustment PRIMARY KEY (id),
  CONSTRAINT ck_invoice_item_adjustment_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_invoice_item_adjustment_number_length CHECK (length(number) <= 32),
  CONSTRAINT ck_invoice_item_adjustment_type_known CHECK (type IN ('Credit', 'Charge')),
  CONSTRAINT ck_invoice_item_adjustment_amount_minor_least CHECK (amount_minor >= 1),
  CONSTRAINT ck_invoice_item_adjustment_status_known CHECK (status IN ('Processed', 'Canceled')),
  CONSTRAINT ck_invoice_item_adjustment_reference_id_length CHECK (length(reference_id) <= 60),
  CONSTRAINT ck_invoice_item_adjustment_comment_length CHECK (length(comment) <= 255),
  CONSTRAINT ck_invoice_item_adjustment_canceled CHECK ((status = 'Canceled') = (canceled_at IS NOT NULL)),
  CONSTRAINT ck_invoice_item_adjustment_reversal CHECK ((status = 'Canceled') = (reversal_id IS NOT NULL)),
  CONSTRAINT uq_invoice_item_adjustment_entity_id_number UNIQUE (entity_id, number),
  CONSTRAINT uq_invoice_item_adjustment_reversal_id UNIQUE (reversal_id),
  CONSTRAINT fk_invoice_item_adjustment_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_invoice_item_adjustment_account_id FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT fk_invoice_item_adjustment_invoice_id FOREIGN KEY(invoice_id) REFERENCES billing_document (id),
  CONSTRAINT fk_invoice_item_adjustment_item_id FOREIGN KEY(item_id) REFERENCES billing_document_item (id)
);

CREATE INDEX ix_invoice_item_adjustment_account_id ON invoice_item_adjustment (account_id);

CREATE INDEX ix_invoice_item_adjustment_date ON invoice_item_adjustment (entity_id, adjustment_date);

CREATE INDEX ix_invoice_item_adjustment_invoice_id ON invoice_item_adjustment (invoice_id);

CREATE INDEX ix_invoice_item_adjustment_item_id ON invoice_item_adjustment (item_id);

CREATE TABLE processed_usage (
  id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  usage_id TEXT NOT NULL,
  guided_id TEXT NOT NULL,
  charge_id TEXT NOT NULL,
  charge_segment BIGINT NOT NULL,
  invoice_item_id TEXT,
  credit_memo_item_id TEXT,
  billing_period_start_date DATE NOT NULL,
  billing_period_end_date DATE NOT NULL,
  quantity NUMERIC NOT NULL,
  amount_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_processed_usage PRIMARY KEY (id),
  CONSTRAINT ck_processed_usage_id_length CHECK (length(id) = 32),
  CONSTRAINT ck_processed_usage_charge_segment_least CHECK (charge_segment >= 1),
  CONSTRAINT ck_processed_usage_one_item CHECK ((invoice_item_id IS NULL) <> (credit_memo_item_id IS NULL)),
  CONSTRAINT fk_processed_usage_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id),
  CONSTRAINT fk_processed_usage_account_id FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT fk_processed_usage_usage_id FOREIGN KEY(usage_id) REFERENCES usage_record (id),
  CONSTRAINT fk_processed_usage_guided_id FOREIGN KEY(guided_id) REFERENCES guided_usage (id),
  CONSTRAINT fk_processed_usage_invoice_item_id FOREIGN KEY(invoice_item_id) REFERENCES billing_document_item (id),
  CONSTRAINT fk_processed_usage_credit_memo_item_id FOREIGN KEY(credit_memo_item_id) REFERENCES billing_document_item (id)
);

CREATE INDEX ix_processed_usage_credit_memo_item_id ON processed_usage (credit_memo_item_id);

CREATE INDEX ix_processed_usage_guided_id ON processed_usage (guided_id);

CREATE INDEX ix_processed_usage_invoice_item_id ON processed_usage (invoice_item_id);

CREATE INDEX ix_processed_usage_usage_id ON processed_usage (usage_id);

CREATE TABLE revenue_item (
  schedule_id TEXT NOT NULL,
  period_id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  custom_fields TEXT NOT NULL,
  CONSTRAINT pk_revenue_item PRIMARY KEY (schedule_id, period_id),
  CONSTRAINT fk_revenue_item_schedule_id FOREIGN KEY(schedule_id) REFERENCES revenue_schedule (id),
  CONSTRAINT fk_revenue_item_period_id FOREIGN KEY(period_id) REFERENCES accounting_period (id),
  CONSTRAINT fk_revenue_item_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE INDEX ix_revenue_item_period_id ON revenue_item (period_id);

CREATE TABLE collected (
  schedule_id TEXT,
  distribution_id TEXT,
  period_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT fk_collected_schedule_id FOREIGN KEY(schedule_id) REFERENCES revenue_schedule (id),
  CONSTRAINT fk_collected_distribution_id FOREIGN KEY(distribution_id) REFERENCES distribution (id),
  CONSTRAINT fk_collected_period_id FOREIGN KEY(period_id) REFERENCES accounting_period (id),
  CONSTRAINT fk_collected_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE INDEX ix_collected_distribution ON collected (distribution_id, period_id);

CREATE INDEX ix_collected_event ON collected (event_id);

CREATE INDEX ix_collected_schedule ON collected (schedule_id, period_id);

CREATE TABLE distribution_item (
  distribution_id TEXT NOT NULL,
  period_id TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  custom_fields TEXT NOT NULL,
  CONSTRAINT pk_distribution_item PRIMARY KEY (distribution_id, period_id),
  CONSTRAINT fk_distribution_item_distribution_id FOREIGN KEY(distribution_id) REFERENCES distribution (id),
  CONSTRAINT fk_distribution_item_period_id FOREIGN KEY(period_id) REFERENCES accounting_period (id),
  CONSTRAINT fk_distribution_item_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);

CREATE INDEX ix_distribution_item_period_id ON distribution_item (period_id);

CREATE FUNCTION check_journal_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF EXISTS (SELECT 1 FROM journal_entry WHERE id = NEW.entry_id
    AND (total_minor <> (SELECT coalesce(sum(amount_minor), 0) FROM journal_entry_item
    WHERE entry_id = NEW.entry_id AND side = 'Debit')
    OR total_minor <> (SELECT coalesce(sum(amount_minor), 0) FROM journal_entry_item
    WHERE entry_id = NEW.entry_id AND side = 'Credit')))
THEN RAISE EXCEPTION 'journal entry is out of balance' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END
$$;

CREATE TRIGGER journal_seal_balanced BEFORE INSERT ON journal_seal
FOR EACH ROW EXECUTE FUNCTION check_journal_balance();
