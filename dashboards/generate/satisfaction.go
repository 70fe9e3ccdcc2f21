package main

import "github.com/grafana/grafana-foundation-sdk/go/units"

// satisfaction is the dashboard of what customers say, and what they then do.
func satisfaction() board {
	return board{
		name: "satisfaction", title: "satisfaction and orders", from: "now-30d", variables: cohortVariables(),
		description: "What customers say and what they then do: answers by where orders go, revenue behind each group, who answers at all, what is complained of, and how drift moves.",
		sections: []section{
			{"What they say, by where their orders go", answersByOrders()},
			{"Who answers", each(bars, 8, 8, whoAnswers()...)},
			{"What they complain of", each(bars, 12, 8, complaints()...)},
			{"Drift", each(areas, 24, 9, drift())},
		},
	}
}

func answersByOrders() []panel {
	cell := func(title, description, name, unit string) panel {
		return panel{
			kind: matrix, title: title, description: description, unit: unit, width: 8, height: 8, legend: "{{segment}}, {{trend}}",
			down: "segment", across: "trend", query: "sum by (segment, trend) (churnwatch_nps_segment_" + name + here() + ")", steps: neutral(),
		}
	}
	return []panel{
		cell("Customers", "Customers by their newest answer (down) and where their orders go relative to the shop (across). The API's /v1/segments says what is recommended in each cell.", "customers", units.Short),
		cell("Revenue, 30 days", "Revenue of the 30 days before the snapshot, in the configured currency. Small cells are left out.", "revenue_30d", units.Short),
		cell("Orders, 30 days", "Orders of the 30 days before the snapshot. Small cells are left out.", "orders_30d", units.Short),
	}
}

func whoAnswers() []panel {
	return []panel{
		{
			title: "Response rate", description: "Share of those sent a survey in the 90 days before the snapshot that answered, or of all customers where no survey is known.",
			unit: units.PercentUnit, decimals: 1, query: "sort_desc(churnwatch_cohort_response_rate" + chosen() + ")", legend: "{{cohort}}", steps: falling(0.05, 0.15),
		},
		{
			title: "Silent customers", description: "Customers who have stopped answering: silence is a signal too.",
			unit: units.Short, query: "sort_desc(churnwatch_cohort_silent_customers" + chosen() + ")", legend: "{{cohort}}", steps: neutral(),
			empty: "nobody can be judged: surveys are not known",
		},
		{
			title: "NPS, and as if all had answered", description: "Net promoter score of those who answered, and as it would be had all customers answered, if who keeps silent would answer like those alike who speak.",
			unit: noUnit, query: "churnwatch_cohort_nps" + chosen(), legend: "{{cohort}}: answered", steps: falling(0, 30),
			more: []target{{"churnwatch_cohort_nps_corrected" + chosen(), "{{cohort}}: all"}},
		},
	}
}

func complaints() []panel {
	return []panel{
		{
			title: "Themes", description: "Complaints about a theme in the four newest weeks with remarks: comments of answers, tags, and topics of tickets.",
			unit: units.Short, query: "sort_desc(sum by (theme) (churnwatch_theme_complaints" + here() + "))", legend: "{{theme}}", steps: neutral(),
			empty: "no complaint in the newest weeks",
		},
		{
			title: "Satisfaction", description: "Mean satisfaction index, 0 to 100, of the chosen cohorts.",
			unit: noUnit, decimals: 1, query: "sort(churnwatch_cohort_satisfaction_index" + chosen() + ")", legend: "{{cohort}}", steps: falling(50, 65), bounds: &bounds{0, 100},
		},
	}
}

func drift() panel {
	return panel{
		title:       "States of drift",
		description: "Customers who may churn, by the state of their orders and satisfaction over the last two cycles: stable, wobbling (one cycle below expectation), drifting (both), recovering, silent (too few orders and answers to tell).",
		unit:        units.Short, query: "sum by (state) (churnwatch_drift_customers" + here() + ")", legend: "{{state}}", steps: neutral(),
	}
}
