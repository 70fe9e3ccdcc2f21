package touchpoint_test

import (
	"fmt"

	"github.com/churnwatch/churnwatch/model/touchpoint"
)

func ExampleRank() {
	var rows touchpoint.Rows
	delivery := touchpoint.Moment{Name: "delivery", Among: []float64{}}
	exit := touchpoint.Moment{Name: "exit", Happened: make([]float64, 200)}
	for i := range 200 {
		low := float64(i % 2)
		rows.Churned = append(rows.Churned, i%10 < 3 || low == 1 && i%10 < 8)
		rows.Customer = append(rows.Customer, i)
		delivery.Happened, delivery.Among = append(delivery.Happened, low), append(delivery.Among, 1)
	}
	ranked, err := touchpoint.Rank(rows, []touchpoint.Moment{exit, delivery}, touchpoint.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range ranked {
		if !a.Fitted {
			fmt.Printf("%s: %s\n", a.Name, a.Reason)
			continue
		}
		odds := a.LogOdds.Exp()
		fmt.Printf("%s: odds times %.1f [%.1f, %.1f], %.0f %% against %.0f %%\n", a.Name, odds.Value, odds.Low, odds.High, 100*a.Rate, 100*a.Others)
	}
	// Output:
	// delivery: odds times 6.0 [3.2, 11.3], 80 % against 40 %
	// exit: 0 customers churned after it and 0 stayed, need 10 of each
}
