-- Rows are only ever appended. Times are UTC.

-- One row is the plan of a day, as it was kept. plan is its JSON without the surveys.
CREATE TABLE survey_plans (
  day        DATE NOT NULL,
  planned_at TIMESTAMP NOT NULL,
  plan       VARCHAR NOT NULL
);

-- One row is a planned survey. send_from until expires_at it keeps other surveys of the customer away, unless it was
-- reported sent, which does so itself. about is JSON of what the choice was made on.
CREATE TABLE planned_surveys (
  survey_id             VARCHAR NOT NULL,
  day                   DATE NOT NULL,
  customer_id           VARCHAR NOT NULL,
  moment                VARCHAR NOT NULL,
  kind                  VARCHAR NOT NULL,
  template              VARCHAR NOT NULL,
  channel               VARCHAR NOT NULL,
  cause                 VARCHAR,
  moment_at             TIMESTAMP NOT NULL,
  send_from             TIMESTAMP NOT NULL,
  send_until            TIMESTAMP NOT NULL,
  expires_at            TIMESTAMP NOT NULL,
  chosen_by             VARCHAR NOT NULL,
  inclusion_probability DOUBLE NOT NULL,
  random_probability    DOUBLE NOT NULL,
  value_of_answer       DOUBLE,
  about                 VARCHAR NOT NULL
);
