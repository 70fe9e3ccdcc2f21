//go:build acceptance

package proof_test

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/proof"
)

// grown is the holdout of two playbooks, for passives and detractors, without
// any effect: customers come in from look to look, and what becomes of one is the
// same in both arms.
type grown struct {
	random *rand.Rand
	cells  []model.ExperimentCell
}

func newGrown(random *rand.Rand) *grown {
	g := &grown{random: random}
	for _, of := range []string{"passive", "detractor"} {
		g.cells = append(g.cells, cell(model.HeldOut, of, of, 0, 0, 0), cell(model.Treated, of, of, 0, 0, 0))
	}
	return g
}

func (g *grown) draw(n int, p float64) int {
	if n == 0 {
		return 0
	}
	return int(distuv.Binomial{N: float64(n), P: p, Src: g.random}.Rand())
}

// grow adds n customers to each playbook. Revenue is 50 or 500 for each who
// stays.
func (g *grown) grow(n int) {
	for i := 0; i < len(g.cells); i += 2 {
		held := g.draw(n, 0.1)
		for k, add := range []int{held, n - held} {
			c := &g.cells[i+k]
			c.Assigned += add
			for _, m := range model.ExperimentMeasures() {
				o := c.Outcomes[m]
				found := g.draw(add, map[model.ExperimentMeasure]float64{
					model.MeasureResponse: 0.1, model.MeasureConversion: 0.05, model.MeasureRepeat: 0.2, model.MeasureRetention: 0.5, model.MeasureRevenue: 0.5,
				}[m])
				o.Customers, o.Found = o.Customers+add, o.Found+found
				if m == model.MeasureRevenue {
					large := g.draw(found, 0.1)
					o.Sum += 50*float64(found-large) + 500*float64(large)
					o.Squares += 2500*float64(found-large) + 250_000*float64(large)
				}
				c.Outcomes[m] = o
			}
		}
	}
}

// Everything that a report says of an experiment, by all measures, segments and
// playbooks, at any of 60 looks, is false in one of twenty at most.
func TestAReportWithoutAnyEffectHardlyEverProvesOne(t *testing.T) {
	const runs, looks = 1000, 60
	random := rand.New(rand.NewPCG(7, 7))
	wrong := 0
	for range runs {
		g := newGrown(random)
		if func() bool {
			for range looks {
				g.grow(400)
				for _, c := range report(t, 0.1, g.cells...).Comparisons {
					if c.Verdict != "not_yet_provable" && c.Verdict != "no_data" {
						return true
					}
				}
			}
			return false
		}() {
			wrong++
		}
	}
	t.Logf("%.2f %% of %d reports", 100*float64(wrong)/runs, runs)
	if share := float64(wrong) / runs; share > proof.Error {
		t.Errorf("%.3f of the reports prove something that is not so", share)
	}
}
