package api

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// Scores reads the published snapshot.
type Scores interface {
	// Snapshot returns the current one, KindNoData when none was published.
	Snapshot(ctx context.Context) (model.Snapshot, error)
	// Scores returns scores of it, in the order that the query asks for.
	Scores(ctx context.Context, q model.ScoreQuery) ([]model.Score, error)
	// CountScores returns how many Scores would return without Top and After.
	CountScores(ctx context.Context, q model.ScoreQuery) (int64, error)
	// ScoreOf returns one customer's, KindNotFound for one it does not hold.
	ScoreOf(ctx context.Context, customer string) (model.Score, error)
	// Shown is a number that has become another one when a customer's score may
	// be read otherwise.
	Shown(customer string) uint64
}

// Explainer says why a score is what it is, or would have been at an instant.
type Explainer interface {
	Explain(ctx context.Context, customer string, asOf time.Time) (model.Explanation, error)
	// ExplainSince says why it is another one than it was as of since.
	ExplainSince(ctx context.Context, customer string, since, asOf time.Time) (model.ScoreChange, error)
}

const (
	defaultPage = 100
	largestPage = 1000
	// ListedReasons is how many contributions a listed score carries.
	ListedReasons = 5
)

// scoreService implements churnwatch.v1.ScoreService.
type scoreService struct {
	churnwatchv1.UnimplementedScoreServiceServer

	scores    Scores
	explainer Explainer
	timelines model.TimelineReader
	changes   *changes
	clock     func() time.Time
	kept      *keptScores
}

// GetScore returns one customer's published score.
func (s *scoreService) GetScore(ctx context.Context, r *churnwatchv1.GetScoreRequest) (*churnwatchv1.Score, error) {
	if r.GetCustomerId() == "" {
		return nil, model.Errorf(model.KindInvalid, "customer_id is missing")
	}
	return s.kept.get(ctx, r.GetCustomerId())
}

// GetExplanation returns one customer's score and how it adds up.
func (s *scoreService) GetExplanation(ctx context.Context, r *churnwatchv1.GetExplanationRequest) (*churnwatchv1.Explanation, error) {
	if r.GetCustomerId() == "" {
		return nil, model.Errorf(model.KindInvalid, "customer_id is missing")
	}
	asOf, err := instantIn(r.GetAsOf())
	if err != nil {
		return nil, err
	}
	e, err := s.explainer.Explain(ctx, r.GetCustomerId(), asOf)
	if err != nil {
		return nil, err
	}
	return explanationOut(e)
}

// GetChange returns why one customer's score differs from what it was.
func (s *scoreService) GetChange(ctx context.Context, r *churnwatchv1.GetChangeRequest) (*churnwatchv1.ScoreChange, error) {
	if r.GetCustomerId() == "" {
		return nil, model.Errorf(model.KindInvalid, "customer_id is missing")
	}
	since, err := instantIn(r.GetSince())
	if err == nil && since.IsZero() {
		err = model.Errorf(model.KindInvalid, "since is missing: want the instant to compare with, such as 2026-08-01T00:00:00Z")
	}
	if err != nil {
		return nil, err
	}
	return answered(r.GetAsOf(), new(churnwatchv1.ScoreChange), func(asOf time.Time) (model.ScoreChange, error) {
		return s.explainer.ExplainSince(ctx, r.GetCustomerId(), since, asOf)
	})
}

// ListScores returns a page of the published snapshot. Its sequence is read
// before the scores of the first page and stays that from page to page: should
// something change in between, a client that follows changes hears of some
// twice, and misses none.
func (s *scoreService) ListScores(ctx context.Context, r *churnwatchv1.ListScoresRequest) (*churnwatchv1.ListScoresResponse, error) {
	query, sequence, err := queryIn(r)
	if err != nil {
		return nil, err
	}
	snapshot, err := s.scores.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	if query.After == nil {
		sequence = snapshot.Sequence
	}
	size := query.Top
	query.Top = size + 1 // One more tells whether there is a next page.
	found, err := s.scores.Scores(ctx, query)
	if err != nil {
		return nil, err
	}
	out := &churnwatchv1.ListScoresResponse{Sequence: sequence.String()}
	if len(found) > size {
		found = found[:size]
		token := pageToken{Filters: filtersOf(query), After: cursorAfter(found[size-1]), Sequence: sequence}
		if out.NextPageToken, err = token.encode(); err != nil {
			return nil, err
		}
	}
	for _, score := range found {
		converted, err := scoreOut(score)
		if err != nil {
			return nil, err
		}
		out.Scores = append(out.Scores, converted)
	}
	return out, nil
}

// queryIn reads and checks what a list is asked for; behind the first page also
// the sequence that this one said.
func queryIn(r *churnwatchv1.ListScoresRequest) (q model.ScoreQuery, first model.Sequence, err error) {
	q = model.ScoreQuery{
		Band: model.Band(r.GetBand()), MinRisk: r.GetMinRisk(), Drift: model.DriftState(r.GetDrift()), Prefix: r.GetCustomerPrefix(), Reasons: ListedReasons,
	}
	if q.Top, err = pageSize(r.GetPageSize()); err != nil {
		return q, 0, err
	}
	if r.Reasons != nil {
		if q.Reasons = int(r.GetReasons()); q.Reasons < 0 || q.Reasons > ListedReasons {
			return q, 0, model.Errorf(model.KindInvalid, "reasons %d: want 0 to %d", q.Reasons, ListedReasons)
		}
	}
	switch q.Band {
	case "", model.BandLow, model.BandMedium, model.BandHigh:
	default:
		return q, 0, model.Errorf(model.KindInvalid, "band %q: want low, medium or high", r.GetBand())
	}
	if !(q.MinRisk >= 0 && q.MinRisk <= 1) {
		return q, 0, model.Errorf(model.KindInvalid, "min_risk %v: want 0 to 1", q.MinRisk)
	}
	if q.Drift != "" && !slices.Contains(model.DriftStates(), q.Drift) {
		return q, 0, model.Errorf(model.KindInvalid, "drift %q: want one of %v", r.GetDrift(), model.DriftStates())
	}
	if text := r.GetCohort(); text != "" {
		dimension, cohort, ok := strings.Cut(text, "=")
		if !ok || dimension == "" {
			return q, 0, model.Errorf(model.KindInvalid, "cohort %q: want dimension=cohort, such as channel=web", text)
		}
		q.Dimension, q.Cohort = dimension, cohort
	}
	if err := since(r.GetUpdatedSince(), &q); err != nil {
		return q, 0, err
	}
	switch r.GetOrderBy() {
	case "":
		if r.GetUpdatedSince() != "" {
			q.Order = model.BySequence
		}
	case "sequence":
		q.Order = model.BySequence
	case "churn_probability", "churn_probability desc":
	case "revenue_at_risk", "revenue_at_risk desc":
		q.Order = model.ByRevenue
	default:
		return q, 0, model.Errorf(model.KindInvalid, "order_by %q: want churn_probability, revenue_at_risk or sequence", r.GetOrderBy())
	}
	if r.GetPageToken() != "" {
		token, err := decodePageToken(r.GetPageToken(), filtersOf(q), "band, min_risk, cohort, drift, customer_prefix, updated_since and order_by")
		if err != nil {
			return q, 0, err
		}
		q.After, first = &token.After, token.Sequence
	}
	return q, first, nil
}

func pageSize(size int32) (int, error) {
	switch {
	case size < 0 || size > largestPage:
		return 0, model.Errorf(model.KindInvalid, "page_size %d: want 1 to %d, or 0 for %d", size, largestPage, defaultPage)
	case size == 0:
		return defaultPage, nil
	}
	return int(size), nil
}

// since reads updated_since: a sequence number or an RFC 3339 time.
func since(text string, q *model.ScoreQuery) error {
	if text == "" {
		return nil
	}
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		q.UpdatedSince = model.Sequence(n)
		return nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return model.Errorf(model.KindInvalid, "updated_since %q: want a sequence number such as 1234, or a time such as 2026-08-01T00:00:00Z", text)
	}
	q.UpdatedAfter = at.UTC()
	return nil
}
