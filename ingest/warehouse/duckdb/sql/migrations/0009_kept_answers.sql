-- One row is the answer to a request, kept for a day under the client's key for it, so that the same request, sent
-- again, does nothing and hears the same. hash tells what was asked for; answer is JSON.
CREATE TABLE kept_answers (
  answer_key  VARCHAR NOT NULL,
  hash        VARCHAR NOT NULL,
  answer      VARCHAR NOT NULL,
  answered_at TIMESTAMP NOT NULL
);
