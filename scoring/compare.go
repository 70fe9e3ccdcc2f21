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

// BandMove counts the customers who go from one band to another;
// insufficient_evidence stands for a band where score would tell none.
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
	var risks [2][]told
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
	out.count(risks)
	out.name(customers, risks)
	out.compareValidation(files)
	return out, nil
}

// told is what a model says of a customer: his band is insufficientBand where
// score would withhold the probability.
type told struct {
	probability float64
	band        model.Band
}

// insufficientBand stands for a band where the evidence is insufficient.
const insufficientBand = model.Band(model.StatusInsufficientEvidence)

// predictAll returns every eligible customer, by id, with what is said of him.
func (s *Service) predictAll(ctx context.Context, file *File, asOf time.Time) (customers []string, risks []told, err error) {
	panel, at, err := s.panelFor(ctx, file, asOf, nil)
	if err != nil {
		return nil, nil, err
	}
	risks = make([]told, panel.Rows())
	var row additive.Row
	for i := range risks {
		row = rowOf(panel, at, i, row)
		p := file.Risk.Predictor.Probability(row)
		risks[i] = told{p, file.Risk.Bands.Of(p)}
		if low, high := file.Risk.Predictor.Interval(row, file.Risk.Level); high-low > file.Risk.Widest {
			risks[i].band = insufficientBand
		}
	}
	return panel.Customers, risks, nil
}

// panelFor returns what a stored model is told of some customers, nil for all, as of
// an instant, and where in it its features stand.
func (s *Service) panelFor(ctx context.Context, file *File, asOf time.Time, customers []string) (*model.Panel, []int, error) {
	parameters, err := s.parametersWith(ctx, file, asOf)
	if err != nil {
		return nil, nil, err
	}
	panel, err := s.warehouse.Panel(ctx, model.PanelQuery{
		AsOf: asOf, Definition: file.definition(), Features: file.catalogue(), Parameters: parameters, Customers: customers,
	})
	if err != nil {
		return nil, nil, err
	}
	at, err := positions(panel, file.Risk.Features)
	return panel, at, err
}

// count counts the moves. The means are, as those of score, over the customers
// whose probability is told: by each model, and by both for the change.
func (c *Comparison) count(risks [2][]told) {
	c.Customers = len(risks[0])
	moves := map[[2]model.Band]int{}
	var scored [2][]float64
	var changes []float64
	for i := range risks[0] {
		from, to := risks[0][i], risks[1][i]
		moves[[2]model.Band{from.band, to.band}]++
		for side, r := range []told{from, to} {
			if r.band != insufficientBand {
				scored[side] = append(scored[side], r.probability)
			}
		}
		if from.band != insufficientBand && to.band != insufficientBand {
			changes = append(changes, math.Abs(to.probability-from.probability))
		}
	}
	c.MeanRisk, c.MeanChange = [2]float64{mean(scored[0]), mean(scored[1])}, mean(changes)
	bands := []model.Band{model.BandLow, model.BandMedium, model.BandHigh, insufficientBand}
	for _, from := range bands {
		for _, to := range bands {
			if n := moves[[2]model.Band{from, to}]; n > 0 {
				c.Moves = append(c.Moves, BandMove{From: from, To: to, Customers: n})
			}
		}
	}
}

// name lists those who change band, both models telling one.
func (c *Comparison) name(customers []string, risks [2][]told) {
	for i, id := range customers {
		from, to := risks[0][i], risks[1][i]
		if from.band != to.band && from.band != insufficientBand && to.band != insufficientBand {
			c.Movers = append(c.Movers, Mover{CustomerID: id, From: from.band, To: to.band, Before: from.probability, After: to.probability})
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
