-- Facts are versions: rows are only ever appended. All times are UTC.
--
-- known_at     from when the version counts
-- recorded_at  when it arrived here
-- settled_at   from when its undated columns that can change count
-- revision     0 for the first stored version of a key, above 0 for later ones
-- tie          decides between versions of one key with the same known_at: the higher wins
-- row_hash     hash of the canonical columns, equal for equal content
-- load_id, source_line   where it came from; loads has the file's name

CREATE SEQUENCE load_ids;

-- One row is one file (or batch) that was taken in as a whole.
CREATE TABLE loads (
  load_id     BIGINT NOT NULL,
  source      VARCHAR NOT NULL,
  kind        VARCHAR NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  rows_read   BIGINT NOT NULL,
  loaded      BIGINT NOT NULL,
  replaced    BIGINT NOT NULL,
  unchanged   BIGINT NOT NULL,
  quarantined BIGINT NOT NULL
);

-- One row is a source row that could not be used.
CREATE TABLE quarantine (
  load_id     BIGINT NOT NULL,
  kind        VARCHAR NOT NULL,
  file        VARCHAR NOT NULL,
  line        BIGINT NOT NULL,
  column_name VARCHAR NOT NULL,
  reason      VARCHAR NOT NULL,
  detail      VARCHAR NOT NULL,
  raw         VARCHAR NOT NULL,
  recorded_at TIMESTAMP NOT NULL
);

-- One row is a version of a customer; attributes holds unknown columns as a JSON object of texts, keys sorted.
CREATE TABLE customers (
  customer_id       VARCHAR NOT NULL,
  signed_up_at      TIMESTAMP,
  company_id        VARCHAR,
  channel           VARCHAR,
  region            VARCHAR,
  tier              VARCHAR,
  industry          VARCHAR,
  plan              VARCHAR,
  first_name        VARCHAR,
  language          VARCHAR,
  time_zone         VARCHAR,
  owner             VARCHAR,
  strategic         BOOLEAN,
  marketing_consent BOOLEAN,
  trial_ends_at     TIMESTAMP,
  cancelled_at      TIMESTAMP,
  attributes        VARCHAR,
  known_at    TIMESTAMP NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  settled_at  TIMESTAMP NOT NULL,
  revision    INTEGER NOT NULL,
  tie         UBIGINT NOT NULL,
  row_hash    UBIGINT NOT NULL,
  load_id     BIGINT NOT NULL,
  source_line BIGINT NOT NULL
);

-- One row is a version of a contract; cancelled_at is the notice.
CREATE TABLE contracts (
  contract_id  VARCHAR NOT NULL,
  customer_id  VARCHAR NOT NULL,
  started_at   TIMESTAMP NOT NULL,
  renews_at    TIMESTAMP,
  term         VARCHAR,
  price        DECIMAL(18,4),
  cancelled_at TIMESTAMP,
  ends_at      TIMESTAMP,
  known_at    TIMESTAMP NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  settled_at  TIMESTAMP NOT NULL,
  revision    INTEGER NOT NULL,
  tie         UBIGINT NOT NULL,
  row_hash    UBIGINT NOT NULL,
  load_id     BIGINT NOT NULL,
  source_line BIGINT NOT NULL
);

-- One row is a version of an order; promise_ends_at is the first instant at which the promise is broken: the end of the promised day, or promised_at itself where a time of day was promised.
CREATE TABLE orders (
  order_id        VARCHAR NOT NULL,
  customer_id     VARCHAR NOT NULL,
  ordered_at      TIMESTAMP NOT NULL,
  amount          DECIMAL(18,4) NOT NULL,
  currency        VARCHAR,
  status          VARCHAR,
  channel         VARCHAR,
  shipping_method VARCHAR,
  discount_amount DECIMAL(18,4),
  promised_at     TIMESTAMP,
  promise_ends_at TIMESTAMP,
  delivered_at    TIMESTAMP,
  cancelled_at    TIMESTAMP,
  returned_at     TIMESTAMP,
  return_reason   VARCHAR,
  refunded_amount DECIMAL(18,4),
  sampling_weight DOUBLE,
  known_at    TIMESTAMP NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  settled_at  TIMESTAMP NOT NULL,
  revision    INTEGER NOT NULL,
  tie         UBIGINT NOT NULL,
  row_hash    UBIGINT NOT NULL,
  load_id     BIGINT NOT NULL,
  source_line BIGINT NOT NULL
);

-- One row is a version of a line of an order; it is known with its order.
CREATE TABLE order_items (
  order_id   VARCHAR NOT NULL,
  line       VARCHAR NOT NULL,
  sku        VARCHAR NOT NULL,
  category   VARCHAR,
  supplier   VARCHAR,
  quantity   DOUBLE,
  unit_price DECIMAL(18,4),
  known_at    TIMESTAMP NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  settled_at  TIMESTAMP NOT NULL,
  revision    INTEGER NOT NULL,
  tie         UBIGINT NOT NULL,
  row_hash    UBIGINT NOT NULL,
  load_id     BIGINT NOT NULL,
  source_line BIGINT NOT NULL
);

-- One row is a version of an answer.
CREATE TABLE responses (
  response_id VARCHAR NOT NULL,
  customer_id VARCHAR NOT NULL,
  answered_at TIMESTAMP NOT NULL,
  kind        VARCHAR NOT NULL,
  score       DOUBLE NOT NULL,
  touchpoint  VARCHAR,
  order_id    VARCHAR,
  ticket_id   VARCHAR,
  survey_id   VARCHAR,
  comment     VARCHAR,
  tags        VARCHAR[],
  language    VARCHAR,
  known_at    TIMESTAMP NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  settled_at  TIMESTAMP NOT NULL,
  revision    INTEGER NOT NULL,
  tie         UBIGINT NOT NULL,
  row_hash    UBIGINT NOT NULL,
  load_id     BIGINT NOT NULL,
  source_line BIGINT NOT NULL
);

-- One row is a version of a support ticket.
CREATE TABLE tickets (
  ticket_id        VARCHAR NOT NULL,
  customer_id      VARCHAR NOT NULL,
  opened_at        TIMESTAMP NOT NULL,
  first_replied_at TIMESTAMP,
  resolved_at      TIMESTAMP,
  reopened_count   INTEGER,
  topic            VARCHAR,
  sentiment        DOUBLE,
  order_id         VARCHAR,
  tags             VARCHAR[],
  language         VARCHAR,
  known_at    TIMESTAMP NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  settled_at  TIMESTAMP NOT NULL,
  revision    INTEGER NOT NULL,
  tie         UBIGINT NOT NULL,
  row_hash    UBIGINT NOT NULL,
  load_id     BIGINT NOT NULL,
  source_line BIGINT NOT NULL
);

-- One row is a version of an event.
CREATE TABLE events (
  event_id    VARCHAR NOT NULL,
  customer_id VARCHAR NOT NULL,
  occurred_at TIMESTAMP NOT NULL,
  name        VARCHAR NOT NULL,
  value       DOUBLE,
  sku         VARCHAR,
  session_id  VARCHAR,
  known_at    TIMESTAMP NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  settled_at  TIMESTAMP NOT NULL,
  revision    INTEGER NOT NULL,
  tie         UBIGINT NOT NULL,
  row_hash    UBIGINT NOT NULL,
  load_id     BIGINT NOT NULL,
  source_line BIGINT NOT NULL
);

-- One row is a version of a message to a customer.
CREATE TABLE outreach (
  outreach_id  VARCHAR NOT NULL,
  customer_id  VARCHAR NOT NULL,
  sent_at      TIMESTAMP NOT NULL,
  kind         VARCHAR NOT NULL,
  trigger_id   VARCHAR,
  survey_id    VARCHAR,
  channel      VARCHAR,
  template     VARCHAR,
  variant      VARCHAR,
  offer        VARCHAR,
  cost         DECIMAL(18,4),
  opened_at    TIMESTAMP,
  clicked_at   TIMESTAMP,
  replied_at   TIMESTAMP,
  converted_at TIMESTAMP,
  resolved_at  TIMESTAMP,
  known_at    TIMESTAMP NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  settled_at  TIMESTAMP NOT NULL,
  revision    INTEGER NOT NULL,
  tie         UBIGINT NOT NULL,
  row_hash    UBIGINT NOT NULL,
  load_id     BIGINT NOT NULL,
  source_line BIGINT NOT NULL
);
