package model_test

import (
	"fmt"
	"testing"

	"github.com/churnwatch/churnwatch/model"
)

func ExampleScoringQuality_Of() {
	run := model.ScoringQuality{Status: model.Green, Reasons: []string{}}
	of := run.Of([]model.CustomerFinding{{
		CustomerCheck: model.CustomerCheck{Name: "refused", Kind: model.OrderItems}, Facts: 2, Detail: "not_a_number",
	}})
	fmt.Println(of.Status, of.CustomerReasons)
	fmt.Println(run.Of(nil).Status)
	// Output:
	// yellow [2 rows of order items that name this customer were refused (not_a_number): see churnwatch quarantine list]
	// green
}

func TestAFindingNeverMakesRedDataBetter(t *testing.T) {
	run := model.ScoringQuality{Status: model.Red, Reasons: []string{"no"}}
	if got := run.Of([]model.CustomerFinding{{CustomerCheck: model.CustomerCheck{Name: "customer_row", Kind: model.Orders}, Facts: 1}}); got.Status != model.Red {
		t.Errorf("status %s, want red", got.Status)
	}
}
