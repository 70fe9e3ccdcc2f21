package main

import (
	"fmt"
	"strings"

	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/scoring"
)

// purchaseGrid shows the rhythm and the values of orders with their errors.
func purchaseGrid(p scoring.PurchasePart, currency string) output.Grid {
	g := output.Grid{
		Title:  "Rhythm and values of orders (BG/NBD and Gamma-Gamma; time in days, money in " + currency + ")",
		Header: []string{"parameter", "value", "low", "high", "what it says"},
	}
	add := func(name string, e *estimate.Estimate, says string) {
		if e != nil {
			g.Rows = append(g.Rows, []any{name, e.Value, e.Low, e.High, says})
		}
	}
	if m := p.Orders; m != nil {
		add("r", &m.REstimate, "shape of the rates: small is a shop of very different customers")
		add("alpha", &m.AlphaEstimate, fmt.Sprintf("r / alpha is the usual rate: an order day every %.0f days", m.Alpha/m.R))
		add("a", m.AEstimate, "dropout, with b")
		add("b", m.BEstimate, fmt.Sprintf("a / (a+b) leave after an order: %.1f %%", 100*m.A/(m.A+m.B)))
		g.Footer = append(g.Footer, fmt.Sprintf("orders: %d customers, %d of them again, log-likelihood %.1f", m.Customers, m.Repeaters, m.LogLikelihood))
		g.Footer = append(g.Footer, warningLines(m.Warnings)...)
	} else {
		g.Footer = append(g.Footer, "orders: no data; needs "+strings.Join(p.Status.Needs, "; "))
	}
	if v := p.Values; v != nil {
		add("p", &v.PEstimate, "how alike one customer's order days are")
		add("q", &v.QEstimate, "how alike customers are")
		add("v", &v.VEstimate, fmt.Sprintf("p v / (q-1) is the usual order day: %.2f", v.P*v.V/(v.Q-1)))
		g.Footer = append(g.Footer, warningLines(v.Warnings)...)
	} else if p.Orders != nil {
		g.Footer = append(g.Footer, "order values: no data; needs "+strings.Join(p.ValueStatus.Needs, "; "))
	}
	return g
}
