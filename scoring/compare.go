package scoring

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/additive"
)

// Comparison says what changes from one stored model to another.
type Comparison struct {
	A         int        `json:"a"`
	B         int        `json:"b"`
	AsOf      time.Time  `json:"as_of"`
	Customers int        `json:"customers"`
	Moves     []BandMove `json:"band_moves"`
	// Movers are the customers who change band, the largest change first, at
	// most mostMovers of them.
	Movers     []Mover    `json:"movers"`
	MeanRisk   [2]float64 `json:"mean_risk"`
	MeanChange float64    `json:"mean_absolute_change"`
	// ROCAUC and Brier are B's minus A's, where both were validated at the same
	// cutoffs.
	ROCAUC   *float64 `json:"roc_auc_difference"`
	Brier    *float64 `json:"brier_difference"`
	Warnings []string `json:"warnings"`
}

// BandMove counts the customers who go from one band to another.
type BandMove struct {
	From      model.Band `json:"from"`
	To        model.Band `json:"to"`
	Customers int        `json:"customers"`
}

// Mover is a customer whom two models put into different bands.
type Mover struct {
	CustomerID string     `json:"customer_id"`
	From       model.Band `json:"from"`
	To         model.Band `json:"to"`
	Before     float64    `json:"before"`
	After      float64    `json:"after"`
}

// mostMovers bounds the customers who are named.
const mostMovers = 50

// Compare scores everyone with two stored models as of the published snapshot
// (or the watermark) and says who changes band. Nothing is stored.
func (s *Service) Compare(ctx context.Context, a, b int) (Comparison, error) {
	out := Comparison{A: a, B: b, Moves: []BandMove{}, Movers: []Mover{}, Warnings: []string{}}
	var files [2]*File
	var risks [2][]float64
	var customers []string
	for i, version := range []int{a, b} {
		_, file, err := s.load(ctx, version)
		if err != nil {
			return out, err
		}
		if file.Risk.Predictor == nil {
			return out, model.Errorf(model.KindConflict, "model %d holds no risk to compare", version)
		}
		files[i] = file
	}
	if files[0].definition() != files[1].definition() {
		return out, model.Errorf(model.KindConflict, "models %d and %d predict different things: %s, and %s",
			a, b, files[0].definition().Label(), files[1].definition().Label())
	}
	asOf, err := s.snapshotOr(ctx, time.Time{}, files[0].Definition)
	if err != nil {
		return out, err
	}
	out.AsOf = asOf
	for i, file := range files {
		if customers, risks[i], err = s.predictAll(ctx, file, asOf); err != nil {
			return out, err
		}
	}
	out.count(files, risks)
	out.name(files, customers, risks)
	out.compareValidation(files)
	return out, nil
}

// predictAll returns every eligible customer, by id, with his probability.
func (s *Service) predictAll(ctx context.Context, file *File, asOf time.Time) (customers []string, risks []float64, err error) {
	parameters, err := s.parametersWith(ctx, file, asOf)
	if err != nil {
		return nil, nil, err
	}
	panel, err := s.warehouse.Panel(ctx, model.PanelQuery{
		AsOf: asOf, Definition: file.definition(), Features: file.catalogue(), Parameters: parameters,
	})
	if err != nil {
		return nil, nil, err
	}
	at, err := positions(panel, file.Risk.Features)
	if err != nil {
		return nil, nil, err
	}
	risks = make([]float64, panel.Rows())
	var row additive.Row
	for i := range risks {
		row = rowOf(panel, at, i, row)
		risks[i] = file.Risk.Predictor.Probability(row)
	}
	return panel.Customers, risks, nil
}

func (c *Comparison) count(files [2]*File, risks [2][]float64) {
	c.Customers = len(risks[0])
	moves := map[[2]model.Band]int{}
	for i := range risks[0] {
		from, to := files[0].Risk.Bands.Of(risks[0][i]), files[1].Risk.Bands.Of(risks[1][i])
		moves[[2]model.Band{from, to}]++
		c.MeanChange += math.Abs(risks[1][i]-risks[0][i]) / float64(c.Customers)
	}
	c.MeanRisk = [2]float64{mean(risks[0]), mean(risks[1])}
	bands := []model.Band{model.BandLow, model.BandMedium, model.BandHigh}
	for _, from := range bands {
		for _, to := range bands {
			if n := moves[[2]model.Band{from, to}]; n > 0 {
				c.Moves = append(c.Moves, BandMove{From: from, To: to, Customers: n})
			}
		}
	}
}

// name lists those who change band.
func (c *Comparison) name(files [2]*File, customers []string, risks [2][]float64) {
	for i, id := range customers {
		m := Mover{
			CustomerID: id, From: files[0].Risk.Bands.Of(risks[0][i]), To: files[1].Risk.Bands.Of(risks[1][i]),
			Before: risks[0][i], After: risks[1][i],
		}
		if m.From != m.To {
			c.Movers = append(c.Movers, m)
		}
	}
	slices.SortStableFunc(c.Movers, func(a, b Mover) int {
		return cmp.Compare(math.Abs(b.After-b.Before), math.Abs(a.After-a.Before))
	})
	c.Movers = c.Movers[:min(mostMovers, len(c.Movers))]
}

func (c *Comparison) compareValidation(files [2]*File) {
	x, y := files[0].Evaluation, files[1].Evaluation
	same := len(x.Cutoffs) == len(y.Cutoffs) && len(x.Cutoffs) > 0
	for i := 0; same && i < len(x.Cutoffs); i++ {
		same = x.Cutoffs[i].AsOf.Equal(y.Cutoffs[i].AsOf) && x.Cutoffs[i].N == y.Cutoffs[i].N
	}
	if !same {
		c.Warnings = append(c.Warnings, "the models were not validated at the same cutoffs: compare them with churnwatch evaluate --cutoffs")
		return
	}
	auc, brier := y.Mean.ROCAUC-x.Mean.ROCAUC, y.Mean.Brier-x.Mean.Brier
	c.ROCAUC, c.Brier = &auc, &brier
}
