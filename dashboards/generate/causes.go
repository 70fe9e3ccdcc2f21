package main

import "github.com/grafana/grafana-foundation-sdk/go/units"

// causes is the dashboard of what hurts, and where.
func causes() board {
	return board{
		name: "causes", title: "causes", from: "now-30d", variables: cohortVariables(),
		description: "What hurts, how much, whom and where: what an incident costs, how often it happens, which cohorts meet with it, what is systemic, and what excels.",
		sections: []section{
			{"What an incident costs", each(bars, 8, 9, costs()...)},
			{"How often, and to whom", howOften()},
			{"The chosen cohorts", []panel{cohortCauses()}},
			{"What is systemic, and what excels", systemic()},
		},
	}
}

func costs() []panel {
	return []panel{
		{
			title: "Satisfaction", description: "Points of satisfaction (0 to 100) per incident at its mean severity, all pain points fitted together; `churnwatch painpoints` prints the errors.",
			unit: noUnit, decimals: 1, query: "sort(churnwatch_painpoint_weight" + here() + ")", legend: "{{painpoint}}",
			steps: steps("red", step{-10, "orange"}, step{0, "green"}),
		},
		{
			title: "Odds of churn", description: "What one incident adds to the log-odds of churn, all else equal: 0.7 doubles the odds.",
			unit: noUnit, decimals: 2, query: "sort_desc(churnwatch_painpoint_churn_log_odds" + here() + ")", legend: "{{painpoint}}", steps: rising(0.1, 0.7),
		},
		{
			title: "Share of churn", description: "Share of churn that goes with these incidents, all else as it is: an association, no proof of a cause.",
			unit: units.PercentUnit, decimals: 1, query: "sort_desc(churnwatch_painpoint_churn_share" + here() + ")", legend: "{{painpoint}}", steps: rising(0.05, 0.15),
		},
	}
}

func howOften() []panel {
	return append(each(bars, 8, 9,
		panel{
			title: "Incidents, 30 days", description: "Incidents of the 30 days before the snapshot.",
			unit: units.Short, query: "sort_desc(churnwatch_painpoint_incidents_30d" + here() + ")", legend: "{{painpoint}}", steps: neutral(),
		},
		panel{
			title: "Customers affected, 30 days", description: "Customers with an incident in the 30 days before the snapshot.",
			unit: units.Short, query: "sort_desc(churnwatch_painpoint_affected_customers" + here() + ")", legend: "{{painpoint}}", steps: neutral(),
		},
	), each(lines, 8, 9, panel{
		title: "Incidents over time", description: "Incidents of the 30 days before each snapshot.",
		unit: units.Short, query: "churnwatch_painpoint_incidents_30d" + here(), legend: "{{painpoint}}", steps: neutral(),
	})...)
}

// cohortCauses says which cohort meets with what.
func cohortCauses() panel {
	return panel{
		kind: matrix, title: "Customers affected, by cohort",
		description: "Share of the cohort's customers with an incident in the 30 days before the snapshot. Cohorts below the minimum cell are not shown.",
		unit:        units.PercentUnit, decimals: 1, width: 24, height: 10, legend: "{{cohort}}: {{painpoint}}", down: "cohort", across: "painpoint",
		query: "max by (cohort, painpoint) (churnwatch_cohort_painpoint_affected_customers" + chosen() +
			") / on (cohort) group_left max by (cohort) (churnwatch_cohort_customers" + chosen() + ")",
		steps: steps("green", step{0.05, "yellow"}, step{0.1, "orange"}, step{0.2, "red"}),
	}
}

func systemic() []panel {
	of := func(name string) string {
		return "max by (painpoint, dimension, cohort) (churnwatch_" + name + here() + ")"
	}
	hot := tableOf(
		panel{
			title: "Hotspots", legend: "{{painpoint}}: {{dimension}} {{cohort}}", width: 14, height: 10, empty: "no cell stands out",
			description: "Cells (a sku, supplier, category, channel, region or week) with more incidents than expected by more than chance: the excess at the cautious end of its interval, and whom and what it touched.",
		},
		column{"Excess incidents", of("hotspot_score"), units.Short, 0, rising(5, 50)},
		column{"Customers", of("hotspot_customers"), units.Short, 0, neutral()},
		column{"Revenue", of("hotspot_revenue"), units.Short, 0, neutral()},
	)
	excels := panel{
		kind: bars, title: "What excels", legend: "{{painpoint}}: {{dimension}} {{cohort}}", width: 10, height: 10, empty: "no cell is better than the rest by more than chance",
		description: "Cells with fewer incidents than expected by more than chance, at the cautious end of the interval: what to champion.",
		unit:        units.Short, query: "topk(20, churnwatch_excellence_score" + here() + ")", steps: steps("green"),
	}
	return []panel{hot, excels}
}
