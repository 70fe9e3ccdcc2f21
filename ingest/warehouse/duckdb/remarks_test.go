package duckdb_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
)

// remarkFacts: ann complains of delivery with her answer a1, gives b1 for the
// same order ten minutes later and c1 the next day. The tag of ticket t1 was
// settled on 5 March; t2 has a topic alone. bob only names a theme, in a bad
// answer and in a good one.
const remarkFacts = `
INSERT INTO orders (order_id, customer_id, ordered_at, amount, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT o, c, t, 10.0, t, t, t, 0, 0, 0, 1, 1
FROM (VALUES ('1', 'ann', TIMESTAMP '2026-02-01'), ('2', 'bob', TIMESTAMP '2026-02-01')) v(o, c, t);

INSERT INTO responses (response_id, customer_id, answered_at, kind, score, order_id, comment, tags, language, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT r, c, t, k, s, o, m, g, 'en', t, t, t, 0, 0, 0, 1, 1
FROM (VALUES
  ('a1', 'ann', TIMESTAMP '2026-03-02 10:00', 'nps', 2.0, '1', 'came late', NULL),
  ('b1', 'ann', TIMESTAMP '2026-03-02 10:10', 'csat', 1.0, '1', NULL, NULL),
  ('c1', 'ann', TIMESTAMP '2026-03-03 10:00', 'csat', 2.0, '1', NULL, NULL),
  ('d1', 'bob', TIMESTAMP '2026-03-02 10:00', 'nps', 1.0, '2', 'the parcel', ['shipping']),
  ('e1', 'bob', TIMESTAMP '2026-03-04 10:00', 'nps', 10.0, '2', 'the parcel', ['shipping'])) v(r, c, t, k, s, o, m, g);

INSERT INTO tickets (ticket_id, customer_id, opened_at, topic, tags, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT k, 'ann', TIMESTAMP '2026-03-01', p, g, TIMESTAMP '2026-03-01', TIMESTAMP '2026-03-05', TIMESTAMP '2026-03-05', 0, 0, 0, 1, 1
FROM (VALUES ('t1', NULL, ['shipping']), ('t2', 'shipping', NULL)) v(k, p, g)`

// remarkShop holds remarkFacts, read by words: late complains, parcel and
// shipping name.
func remarkShop(t *testing.T) *duckdb.Store {
	t.Helper()
	s := openAt(t, duckdb.Options{})
	if err := s.Exec(t.Context(), remarkFacts); err != nil {
		t.Fatal(err)
	}
	readAll(t, s, "v1", 2)
	return s
}

func readAll(t *testing.T, s *duckdb.Store, lexicon string, late int) (texts []string) {
	t.Helper()
	remarks, err := s.UnreadRemarks(t.Context(), lexicon, 100)
	if err != nil {
		t.Fatal(err)
	}
	var readings []model.RemarkReading
	for _, r := range remarks {
		texts = append(texts, r.Text)
		reading := model.RemarkReading{Hash: r.Hash, Language: r.Language, Themes: []string{"delivery"}, Severities: []int{0}}
		if r.Text == "came late" {
			reading.Severities[0], reading.Sentiment = late, new(-0.5)
		}
		if r.IsTag != (r.Text == "shipping") {
			t.Errorf("%q: a tag %v", r.Text, r.IsTag)
		}
		readings = append(readings, reading)
	}
	for range 2 { // Saving twice changes nothing.
		if err := s.SaveRemarks(t.Context(), lexicon, readings); err != nil {
			t.Fatal(err)
		}
	}
	return texts
}

func march(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }

func TestEachRemarkIsReadOnceUntilTheLexiconsChange(t *testing.T) {
	s := remarkShop(t)
	if again := readAll(t, s, "v1", 2); len(again) != 0 {
		t.Errorf("read again: %q", again)
	}
	if anew := readAll(t, s, "v2", 3); len(anew) != 3 {
		t.Errorf("with other lexicons only %q are read", anew)
	}
	weeks, err := s.ThemeWeeks(t.Context(), march(20, 0), 8)
	if err != nil {
		t.Fatal(err)
	}
	if weeks[0].Severe != 1 {
		t.Errorf("the new reading does not count: %+v", weeks[0])
	}
}

func complaints(t *testing.T, s *duckdb.Store, asOf time.Time) int64 {
	t.Helper()
	detectors, err := s.Detectors(t.Context(), asOf)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range detectors {
		if d.Name == "complaint_delivery" {
			return d.Incidents
		}
	}
	t.Fatal("no detector of complaints about delivery")
	return 0
}

func TestAComplaintIsAnIncidentFromAnHourAfterItWasSaid(t *testing.T) {
	s := remarkShop(t)
	for _, c := range []struct {
		at   time.Time
		want int64
	}{
		{march(2, 11), 0}, // an hour after a1 and d1, not yet past it
		{march(2, 12), 2}, // ann's words, and what bob names in a bad answer
		{march(5, 0), 2},  // the praise of e1 is none
		{march(6, 0), 3},  // the ticket's tag counts once it was settled; a topic alone never does
	} {
		if got := complaints(t, s, c.at); got != c.want {
			t.Errorf("at %s: %d complaints, want %d", c.at, got, c.want)
		}
	}
}

// What is said with an answer must not explain it, nor others of that sitting.
func TestAComplaintDoesNotExplainTheAnswerThatItCameWith(t *testing.T) {
	s := remarkShop(t)
	answers, err := s.Answers(t.Context(), model.AnswersQuery{AsOf: march(20, 0), PainPoints: []string{"complaint_delivery"}, WindowDays: 90})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, a := range answers {
		got[a.Customer+" "+a.At.Format("02 15:04")] = a.Incidents[0]
	}
	want := map[string]float64{
		"ann 02 10:00": 0, "ann 02 10:10": 0, // the sitting
		"ann 03 10:00": 1, // a day later; the tag of t1 was not settled yet
		"bob 02 10:00": 0, "bob 04 10:00": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestThemesAreSummedByWeek(t *testing.T) {
	s := remarkShop(t)
	got, err := s.ThemeWeeks(t.Context(), march(20, 0), 8)
	if err != nil {
		t.Fatal(err)
	}
	want := []model.ThemeWeek{
		{
			Theme: "delivery", Week: march(2, 0), Complaints: 2, Customers: 2, Severity: 1.5, Revenue90d: 20, Comments: 3, ComplaintsBefore: 2, CommentsBefore: 2,
			Sentiment: new(-0.5), Examples: []model.RemarkExample{{Kind: model.Responses, ID: "a1"}, {Kind: model.Responses, ID: "d1"}},
		},
		{
			Theme: "delivery", Week: time.Date(2026, 2, 23, 0, 0, 0, 0, time.UTC), Complaints: 2, Customers: 1, Severity: 1, Revenue90d: 10, Comments: 2,
			Examples: []model.RemarkExample{{Kind: model.Tickets, ID: "t1"}, {Kind: model.Tickets, ID: "t2"}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if none, err := s.ThemeWeeks(t.Context(), time.Date(2026, 2, 2, 0, 0, 0, 0, time.UTC), 8); err != nil || len(none) != 0 {
		t.Errorf("before anything was said: %v, %v", none, err)
	}
}

// A ticket with a topic and a tag of one theme complains once, from when its topic was known; it is an incident once its
// tag was settled.
func TestATicketComplainsOnceOfATheme(t *testing.T) {
	s := openAt(t, duckdb.Options{})
	err := s.Exec(t.Context(), `
INSERT INTO tickets (ticket_id, customer_id, opened_at, topic, tags, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT 't' || i, 'ann', TIMESTAMP '2026-03-03', 'shipping', ['shipping'], TIMESTAMP '2026-03-03', TIMESTAMP '2026-03-05', TIMESTAMP '2026-03-05', 0, 0, 0, 1, 1
FROM range(4) AS v(i)`)
	if err != nil {
		t.Fatal(err)
	}
	readAll(t, s, "v1", 2)
	for _, c := range []struct {
		at        time.Time
		incidents int64
	}{{march(4, 0), 0}, {march(6, 0), 4}} {
		weeks, err := s.ThemeWeeks(t.Context(), c.at, 8)
		if err != nil {
			t.Fatal(err)
		}
		if len(weeks) != 1 || weeks[0].Complaints != 4 || weeks[0].Comments != 4 {
			t.Errorf("at %s: %+v", c.at, weeks)
		}
		if got := complaints(t, s, c.at); got != c.incidents {
			t.Errorf("at %s: %d incidents, want %d", c.at, got, c.incidents)
		}
	}
	raised, err := s.Raised(t.Context(), model.RaisedQuery{AsOf: march(20, 0), From: march(1, 0), Since: march(10, 0), Theme: "delivery"})
	if err != nil || len(raised) != 1 || raised[0].Times != 4 {
		t.Errorf("raised %+v, %v", raised, err)
	}
}
