package duckdb

import (
	"fmt"
	"math"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// purchaseView holds the fitted parameters of the rhythm of orders.
type purchaseView struct {
	// Fitted says that there are any, Dropout that some was found, Valued that
	// the values of orders could be fitted too.
	Fitted, Dropout, Valued bool
	R, Alpha, A, B          float64
	HorizonDays             float64
	P, Q, V                 float64
	Classes                 []classView
}

// classView is a class of dropout: its probability, its weight, and the log of
// the probability to stay after an order, less that of the first class.
type classView struct {
	Name                      string
	Probability, Weight, Stay float64
}

func purchaseViewOf(p model.PurchaseParameters, horizon time.Duration) purchaseView {
	v := purchaseView{
		Fitted: p.R > 0 && len(p.Dropout) > 0, Dropout: p.A > 0,
		P: p.P, Q: p.Q, V: p.V, R: p.R, Alpha: p.Alpha, A: p.A, B: p.B, HorizonDays: model.Days(horizon),
	}
	v.Valued = v.Fitted && p.P > 0
	for i, c := range p.Dropout {
		v.Classes = append(v.Classes, classView{
			Name: fmt.Sprintf("weight_%d", i+1), Probability: c.Probability, Weight: c.Weight,
			Stay: math.Log(1-c.Probability) - math.Log(1-p.Dropout[0].Probability),
		})
	}
	return v
}
