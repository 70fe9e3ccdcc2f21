package scoring_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

var snapshotAt = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

// town is a warehouse that holds who answered, and what was known before.
type town struct {
	model.Warehouse

	turnout model.Turnout
	recency map[string]float64
	answers []model.Answer
	asked   model.PanelQuery
	// published is the newest run; each question about a snapshot finds another
	// published. runs are those that were asked of.
	published int64
	runs      []int64
}

func (w *town) SnapshotAt(context.Context, time.Time) (model.Snapshot, error) {
	w.published++
	return model.Snapshot{Run: w.published, AsOf: snapshotAt}, nil
}

func (w *town) Cohorts(_ context.Context, run int64, dimensions []string, _ int) (rows []model.CohortRow, _ error) {
	w.runs = append(w.runs, run)
	seen := map[string]bool{}
	for _, r := range w.turnout.Respondents {
		for d, cohort := range r.Cohorts {
			if key := dimensions[d] + cohort; !seen[key] {
				seen[key] = true
				rows = append(rows, model.CohortRow{Dimension: dimensions[d], Cohort: cohort})
			}
		}
	}
	return rows, nil
}

func (w *town) Turnout(_ context.Context, run int64, _ []string, _ int) (model.Turnout, error) {
	w.runs = append(w.runs, run)
	w.published++ // A new snapshot comes between.
	t := w.turnout
	t.AsOf, t.From = snapshotAt, snapshotAt.AddDate(0, 0, -90)
	t.Definition.Kind = model.Inactivity
	return t, nil
}

func (w *town) Panel(_ context.Context, q model.PanelQuery) (*model.Panel, error) {
	w.asked = q
	p := &model.Panel{AsOf: q.AsOf, Features: q.Features, Numbers: make([][]float64, len(q.Features)), Levels: make([][]string, len(q.Features))}
	for _, r := range w.turnout.Respondents {
		if recency, ok := w.recency[r.CustomerID]; ok {
			p.Customers = append(p.Customers, r.CustomerID)
			for f, feature := range q.Features {
				switch {
				case feature.Levels:
					p.Levels[f] = append(p.Levels[f], "")
				case feature.Name == "recency_days":
					p.Numbers[f] = append(p.Numbers[f], recency)
				default:
					p.Numbers[f] = append(p.Numbers[f], math.NaN())
				}
			}
		}
	}
	return p, nil
}

func (w *town) Answers(context.Context, model.AnswersQuery) ([]model.Answer, error) {
	return w.answers, nil
}

func (w *town) cohort(t *testing.T, cohort string) model.CohortNPS {
	t.Helper()
	rows, err := scoring.CohortsOf(t.Context(), w, scoring.Settings{Dimensions: []string{"channel"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Cohort == cohort {
			return r.CohortNPS
		}
	}
	t.Fatalf("no cohort %s", cohort)
	return model.CohortNPS{}
}

// add puts a customer of a channel there.
func (w *town) add(channel string, r model.Respondent) {
	r.CustomerID = fmt.Sprintf("c%05d", len(w.turnout.Respondents))
	r.Cohorts = []string{channel}
	w.turnout.Respondents = append(w.turnout.Respondents, r)
}

// silentTown is a town where who ordered lately is content and answers, and who
// did not is angry and hardly ever does: half of the customers each.
func silentTown(seed uint64) *town {
	random := rand.New(rand.NewPCG(seed, 1))
	w := &town{recency: map[string]float64{}}
	for i := range 1200 {
		r := model.Respondent{Eligible: true}
		late := i%2 == 1
		promoter, answers := 0.7, 0.6
		if late {
			promoter, answers = 0.3, 0.15
		}
		if random.Float64() < answers {
			r.AnswerDays, r.SinceAnswerDays = 1, 10
			if random.Float64() < promoter {
				r.Promoters = 1
			} else {
				r.Detractors = 1
			}
		}
		channel := "web"
		if i%8 > 5 {
			channel = "shop"
		}
		w.add(channel, r)
		if i%10 > 1 { // The others came within the window.
			w.recency[fmt.Sprintf("c%05d", i)] = map[bool]float64{false: 10, true: 200}[late] + random.Float64()
		} else if late {
			w.recency[fmt.Sprintf("c%05d", i)] = 200
		}
	}
	return w
}

// The whole town's score is 0; who answers are mostly the content.
func TestTheNPSOfACohortIsCorrectedForSilence(t *testing.T) {
	plain, corrected := 0, 0
	for seed := range uint64(20) {
		w := silentTown(seed)
		web := w.cohort(t, "web")
		if web.NPSStatus != model.FigureOK || web.CorrectedStatus != model.FigureOK {
			t.Fatalf("not given: %+v", web)
		}
		plain += one(web.NPSInterval.Low <= 0)
		corrected += one(web.CorrectedInterval.Low <= 0 && 0 <= web.CorrectedInterval.High)
		if web.NPSInterval.Level != 0.95 || web.CorrectedInterval.Level != 0.95 || *web.EffectiveCustomers >= float64(web.NPSAnswers) {
			t.Errorf("levels or effective customers: %+v", web)
		}
		if web.Assumption == nil || !strings.Contains(*web.Assumption, "days since the last order") || !strings.HasSuffix(*web.Assumption, "channel") {
			t.Errorf("assumption %v", web.Assumption)
		}
		if !w.asked.AsOf.Equal(snapshotAt.AddDate(0, 0, -90)) || w.asked.Labels {
			t.Fatalf("traits as of %s, labels %v: want those before the window", w.asked.AsOf, w.asked.Labels)
		}
	}
	if plain > 0 || corrected < 17 {
		t.Errorf("of 20 towns the plain interval reaches 0 in %d, the corrected one holds it in %d", plain, corrected)
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Where every eligible customer answers, nothing is left to correct, whatever was
// answered by who is no customer any more.
func TestThePlainAndTheCorrectedNPSAreOfTheSameCustomers(t *testing.T) {
	w := silentTown(3)
	for i := range 600 {
		w.add("kiosk", model.Respondent{Eligible: i < 200, Promoters: one(i < 120), Detractors: one(i >= 120), AnswerDays: 1})
	}
	for i := range 200 {
		w.recency[fmt.Sprintf("c%05d", 1200+i)] = 10
	}
	got := w.cohort(t, "kiosk")
	if got.NPSStatus != model.FigureOK || math.Abs(*got.NPS-20) > 1e-9 || got.NPSAnswers != 200 || got.NPSCustomers != 200 {
		t.Errorf("plain: %+v", got)
	}
	if got.CorrectedStatus != model.FigureOK || math.Abs(*got.Corrected-*got.NPS) > 1 {
		t.Errorf("corrected %v, plain %v", *got.Corrected, *got.NPS)
	}
}

// plannedTown is a town whose plans of surveys ask the dissatisfied far more often
// than the content: 0.8 against 0.16. Its score is 20. Of those asked 60 % answer.
func plannedTown(seed uint64) *town {
	random := rand.New(rand.NewPCG(seed, 2))
	w := &town{recency: map[string]float64{}}
	for i := range 3000 {
		content := random.Float64() < 0.6
		p := 0.8
		if content {
			p = 0.16
		}
		r := model.Respondent{Eligible: true}
		if random.Float64() < p {
			r.Inclusion, r.Asked, r.ClosedSurveys = &p, true, 1
			if random.Float64() < 0.6 {
				r.Promoters, r.Detractors, r.Replied, r.AnswerDays = one(content), one(!content), true, 1
			}
		}
		w.add("web", r)
		w.recency[fmt.Sprintf("c%05d", i)] = 10 + random.Float64()
	}
	return w
}

// Where plans chose whom to ask, answers weigh the inverse of the probability.
// An answer that no plan asked for, such as to a playbook, moves nothing but the
// number of those left out.
func TestTheNPSOfACohortHeedsWhomPlansChose(t *testing.T) {
	plain, corrected := 0, 0
	for seed := range uint64(20) {
		w := plannedTown(seed)
		web := w.cohort(t, "web")
		if web.CorrectedStatus != model.FigureOK || !strings.HasPrefix(*web.Assumption, "plans of surveys drew whom to ask, with known probabilities; of") {
			t.Fatalf("not given: %+v", web)
		}
		plain += one(web.NPSInterval.High >= 20)
		corrected += one(web.CorrectedInterval.Low <= 20 && 20 <= web.CorrectedInterval.High)
		open := model.Respondent{Eligible: true, Promoters: 1, Inclusion: new(0.16), InclusionOpen: true}
		w.add("web", open)
		w.recency["c03000"] = 10
		if again := w.cohort(t, "web"); *again.Corrected != *web.Corrected {
			t.Errorf("an answer to a survey that is open moves %v to %v", *web.Corrected, *again.Corrected)
		}
		w.add("web", model.Respondent{Eligible: true, Promoters: 1})
		w.recency["c03001"] = 10
		again := w.cohort(t, "web")
		if again.Assumption == nil || !strings.Contains(*again.Assumption, "1 customer who answered without being drawn") || *again.Corrected != *web.Corrected {
			t.Errorf("an answer that no plan asked for moves %v to %v: %v", *web.Corrected, *again.Corrected, again.Assumption)
		}
	}
	if plain > 0 || corrected < 17 {
		t.Errorf("of 20 towns the plain interval reaches the truth in %d, the corrected one holds it in %d", plain, corrected)
	}
}

// A shop that has always asked by itself and lets a plan ask a few is corrected
// by what all answered; once plans ask enough, by those.
func TestAFewPlannedAnswersAmongManyOthersDecideNothing(t *testing.T) {
	w := silentTown(4)
	before := w.cohort(t, "web")
	answered := 0
	for i := range w.turnout.Respondents {
		if r := &w.turnout.Respondents[i]; r.Eligible && r.Promoters+r.Passives+r.Detractors > 0 && answered < 5 {
			answered++
			r.Inclusion = new(0.2)
		}
	}
	if after := w.cohort(t, "web"); answered != 5 || after.Corrected == nil || *after.Corrected != *before.Corrected || *after.Assumption != *before.Assumption {
		t.Errorf("5 planned answers move %v to %v", *before.Corrected, after.Corrected)
	}
}

// Every key is printed, null where nothing is known.
func TestWhatIsNotKnownOfACohortIsPrintedAsNull(t *testing.T) {
	w := &town{}
	w.add("web", model.Respondent{Eligible: true})
	encoded, err := json.Marshal(w.cohort(t, "web"))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(encoded, &got); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"nps", "response_rate", "nps_corrected", "silent_customers", "nps_interval", "response_rate_basis", "asked_customers", "nps_corrected_interval", "nps_corrected_assumption",
		"nps_corrected_effective_customers", "nps_corrected_cut_customers", "silent_basis",
	} {
		if value, ok := got[key]; !ok || value != nil {
			t.Errorf("%s is %v, printed %v", key, value, ok)
		}
	}
	for _, key := range []string{"nps", "response_rate", "nps_corrected", "silent"} {
		if reason, _ := got[key+"_reason"].(string); got[key+"_status"] != "insufficient_evidence" || reason == "" {
			t.Errorf("%s: status %v, reason %q", key, got[key+"_status"], reason)
		}
	}
	full := silentTown(1).cohort(t, "web")
	if encoded, err = json.Marshal(full); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(encoded), `"nps_reason":null`) || full.CutCustomers == nil {
		t.Errorf("%s", encoded)
	}
}

// The unit is the customer: ten answers of one tell what one thinks.
func TestOneCustomersTenAnswersAreNoScore(t *testing.T) {
	w := &town{}
	w.add("web", model.Respondent{Eligible: true, Promoters: 10, AnswerDays: 10})
	for range 20 {
		w.add("web", model.Respondent{Eligible: true})
	}
	if got := w.cohort(t, "web"); got.NPS != nil || got.NPSStatus != model.FigureInsufficient || *got.NPSReason != "1 customer answered in 90 days, need 10" || got.NPSAnswers != 10 {
		t.Errorf("%+v", got)
	}
}

func TestAllFiguresOfCohortsAreOfOneRun(t *testing.T) {
	w := &town{published: 6}
	w.add("web", model.Respondent{Eligible: true})
	w.cohort(t, "web")
	if diff := cmp.Diff([]int64{7, 7}, w.runs); diff != "" {
		t.Errorf("runs that cohorts and turnout were read of (-want +got):\n%s", diff)
	}
}

// A cell of too few answers says so, and so does a shop.
func TestACohortOfFewAnswersHasNoNPS(t *testing.T) {
	w := &town{}
	for i := range 40 {
		r := model.Respondent{Eligible: i > 0}
		if i < 9 {
			r.Promoters, r.AnswerDays = 1, 1
		}
		w.add("web", r)
	}
	got := w.cohort(t, "web")
	rate := 8.0 / 39
	want := model.CohortNPS{
		NPSStatus: model.FigureInsufficient, NPSReason: new("8 customers answered in 90 days, need 10"), NPSAnswers: 8, NPSCustomers: 8,
		ResponseRate: &rate, ResponseRateStatus: model.FigureOK, ResponseRateBasis: new(model.OfCustomers), CorrectedStatus: model.FigureInsufficient,
		CorrectedReason: new("propensity: 8 customers answered and 31 did not, need 30 of each: too few answers"),
		SilentStatus:    model.FigureInsufficient,
		SilentReason:    new("nobody was sent two surveys that are over, or has answered while a usual gap is known"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	nobody := &town{}
	for range 40 {
		nobody.add("web", model.Respondent{Eligible: true})
	}
	if got := nobody.cohort(t, "web"); got.ResponseRate != nil || got.ResponseRateStatus != model.FigureInsufficient || got.ResponseRateReason == nil || got.SilentCustomers != nil {
		t.Errorf("where no question is known: %+v", got)
	}
	if got := (&town{turnout: model.Turnout{Respondents: []model.Respondent{{Cohorts: []string{"web"}}}}}).cohort(t, "web"); *got.CorrectedReason != "no eligible customer answered" {
		t.Errorf("nobody's answers: %+v", got)
	}
}

// Where surveys are known, who was asked is what a rate is of, and of who was sent
// two or more that are over two left unanswered make somebody silent.
func TestKnownSurveysDecideWhoIsSilent(t *testing.T) {
	w := &town{}
	for i := range 30 {
		w.add("web", model.Respondent{
			Eligible: i > 0, Asked: i < 20, Replied: i < 5, ClosedSurveys: 2, UnansweredSurveys: i / 10, AnswerDays: 9, SinceAnswerDays: 900,
		})
	}
	got := w.cohort(t, "web")
	if got.ResponseRate == nil || *got.ResponseRate != 4.0/19 || *got.ResponseRateBasis != model.OfAsked || *got.AskedCustomers != 19 {
		t.Errorf("response: %+v", got)
	}
	if got.SilentCustomers == nil || *got.SilentCustomers != 10 || *got.SilenceBasis != model.BySurveys {
		t.Errorf("silent: %+v", got)
	}
}

// One mailing to some, or one survey to everybody, takes nobody's usual gap away.
func TestAMailingOfOneSurveyLeavesTheUsualGaps(t *testing.T) {
	for mailed := range 3 {
		w := &town{}
		for i := range 100 {
			r := model.Respondent{Eligible: true, AnswerDays: 2, AnswerSpanDays: 60, SinceAnswerDays: 10}
			if i < 74 {
				r.SinceAnswerDays = 300
			}
			if i%10 == 0 {
				r.Asked, r.ClosedSurveys, r.UnansweredSurveys = mailed > 0, mailed, min(mailed, 1)
			}
			w.add("web", r)
		}
		got, want := w.cohort(t, "web"), model.SilenceCounts{UsualGaps: model.SilenceCount{Customers: 100, Silent: 74}}
		basis := model.ByUsualGaps
		if mailed == 2 { // Who answered one of his two surveys is not silent.
			basis = model.ByBoth
			want = model.SilenceCounts{Surveys: model.SilenceCount{Customers: 10}, UsualGaps: model.SilenceCount{Customers: 90, Silent: 66}}
		}
		if diff := cmp.Diff(want, got.SilentBy); diff != "" || *got.SilenceBasis != basis || *got.SilentCustomers != want.UsualGaps.Silent {
			t.Errorf("%d surveys: %d silent by %s (-want +got):\n%s", mailed, *got.SilentCustomers, *got.SilenceBasis, diff)
		}
	}
}

// Without surveys the usual gap decides: the shop's of 60 days, or one's own
// from three gaps on, never less than 30 days.
func TestUsualGapsDecideWhoIsSilentOtherwise(t *testing.T) {
	w := &town{}
	for range 50 {
		w.add("web", model.Respondent{Eligible: true, AnswerDays: 2, AnswerSpanDays: 61.5, SinceAnswerDays: 10})
	}
	for name, r := range map[string]model.Respondent{
		"one answer, two gaps ago":    {Eligible: true, AnswerDays: 1, SinceAnswerDays: 130},
		"own short gap":               {Eligible: true, AnswerDays: 4, AnswerSpanDays: 105, SinceAnswerDays: 71},
		"three answers in a week":     {Eligible: true, AnswerDays: 4, AnswerSpanDays: 6, SinceAnswerDays: 61},
		"own long gap":                {Eligible: true, AnswerDays: 4, AnswerSpanDays: 600, SinceAnswerDays: 390},
		"never answered":              {Eligible: true},
		"no customer any more":        {AnswerDays: 1, SinceAnswerDays: 900},
		"one answer, a month ago":     {Eligible: true, AnswerDays: 1, SinceAnswerDays: 30},
		"three in a week, a week ago": {Eligible: true, AnswerDays: 4, AnswerSpanDays: 6, SinceAnswerDays: 20},
	} {
		w.add(name, r)
	}
	for _, name := range []string{"one answer, two gaps ago", "own short gap", "three answers in a week"} {
		if got := w.cohort(t, name); *got.SilentCustomers != 1 || *got.SilenceBasis != model.ByUsualGaps {
			t.Errorf("%s is not silent: %+v", name, got)
		}
	}
	for _, name := range []string{"own long gap", "one answer, a month ago", "three in a week, a week ago"} {
		if got := w.cohort(t, name); *got.SilentCustomers != 0 {
			t.Errorf("%s is silent", name)
		}
	}
	for _, name := range []string{"never answered", "no customer any more"} {
		if got := w.cohort(t, name); got.SilentCustomers != nil || got.SilenceBasis != nil || got.SilentStatus != model.FigureInsufficient {
			t.Errorf("%s: nobody could be judged, but %+v", name, got)
		}
	}
}
