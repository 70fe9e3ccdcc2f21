INSERT INTO feed_marks (feed, sequence)
VALUES ($feed, $sequence)
