package main

import "github.com/grafana/grafana-foundation-sdk/go/units"

// cohorts is the dashboard of which customers stay, and which are about to leave.
func cohorts() board {
	return board{
		name: "cohorts", title: "cohorts", from: "now-30d", variables: cohortVariables(),
		description: "Which customers stay and which are about to leave: retention by the month in which they came, then risk, satisfaction and revenue by cohort. A click leads to a cohort's causes.",
		sections: []section{
			{"Who stays", []panel{triangle()}},
			{"The chosen cohorts together", each(number, 4, 4, together()...)},
			{"Cohort by cohort", []panel{cohortTable()}},
			{"Over time", each(lines, 8, 8, byCohort()...)},
		},
	}
}

// triangle is how many of those who came in a month were there in later ones.
func triangle() panel {
	return panel{
		kind: matrix, title: "Retention by the month in which customers came",
		description: "Of the customers whose first order (or contract) was in the month at the left, the share that bought again so many months later (or still had a contract). Only months that are over.",
		unit:        units.PercentUnit, decimals: 0, width: 24, height: 12, legend: "{{month}} {{age}}", down: "month", across: "age",
		query: "max by (month, age) (churnwatch_retention_rate" + here() + ")", bounds: &bounds{0, 1},
		steps: steps("dark-red", step{0.1, "red"}, step{0.2, "orange"}, step{0.35, "yellow"}, step{0.5, "light-green"}, step{0.65, "green"}, step{0.8, "dark-green"}),
	}
}

// together is the chosen cohorts as one.
func together() []panel {
	weighted := func(figure string) string {
		return "sum(churnwatch_cohort_" + figure + chosen() + " * churnwatch_cohort_customers" + chosen() +
			") / sum(churnwatch_cohort_customers" + chosen() + " and churnwatch_cohort_" + figure + chosen() + ")"
	}
	return []panel{
		{
			title: "Customers", description: "Customers of the published snapshot in the chosen cohorts.",
			unit: units.Short, query: "sum(churnwatch_cohort_customers" + chosen() + ")", steps: neutral(),
		},
		{
			title: "Mean churn risk", description: "Mean probability of churn within the horizon, cohorts weighted by their customers.",
			unit: units.PercentUnit, decimals: 1, query: weighted("churn_risk"), steps: rising(0.35, 0.65),
		},
		{
			title: "Revenue at risk", description: "Sum of probability of churn times expected spend within the horizon, in the configured currency.",
			unit: units.Short, query: "sum(churnwatch_cohort_revenue_at_risk" + chosen() + ")", steps: neutral(),
		},
		{
			title: "Satisfaction", description: "Mean satisfaction index, 0 to 100, cohorts weighted by their customers.",
			unit: noUnit, decimals: 1, query: weighted("satisfaction_index"), steps: falling(50, 65),
		},
		{
			title: "Drifting", description: "Customers whose orders or satisfaction have declined over the last two cycles.",
			unit: units.Short, query: "sum(churnwatch_cohort_drifting_customers" + chosen() + ")", steps: neutral(),
		},
		{
			title: "Scores are from", description: "Time since the scores were published.",
			unit: units.Seconds, query: "max(churnwatch_snapshot_age_seconds" + here() + ")", steps: rising(2*day, 7*day),
		},
	}
}

// cohortTable has one row a cohort.
func cohortTable() panel {
	of := func(name string) string { return "max by (cohort) (churnwatch_cohort_" + name + chosen() + ")" }
	return tableOf(
		panel{
			title: "Cohorts", legend: "{{cohort}}", width: 24, height: 10,
			description: "Of a cohort below the minimum cell only its size is shown. Observed churn is what happened to those eligible one horizon before the snapshot.",
			link:        &link{"Its causes", "causes", "&${dimension:queryparam}&var-cohort=${__data.fields.cohort}"},
		},
		column{"Customers", of("customers"), units.Short, 0, neutral()},
		column{"Churn risk", of("churn_risk"), units.PercentUnit, 1, rising(0.35, 0.65)},
		column{"Observed churn", of("churn_rate"), units.PercentUnit, 1, rising(0.35, 0.65)},
		column{"Revenue at risk", of("revenue_at_risk"), units.Short, 0, neutral()},
		column{"Revenue, 30 days", of("revenue_30d"), units.Short, 0, neutral()},
		column{"Orders, 30 days", of("orders_30d"), units.Short, 0, neutral()},
		column{"Satisfaction", of("satisfaction_index"), noUnit, 1, falling(50, 65)},
		column{"NPS", of("nps"), noUnit, 0, falling(0, 30)},
		column{"Drifting", of("drifting_customers"), units.Short, 0, neutral()},
	)
}

// byCohort has one line a cohort.
func byCohort() []panel {
	of := func(name string) string { return "churnwatch_cohort_" + name + chosen() }
	all := []panel{
		{
			title: "Mean churn risk", description: "Mean probability of churn within the horizon. Cohorts below the minimum cell are not shown.",
			unit: units.PercentUnit, decimals: 1, query: of("churn_risk"), steps: rising(0.35, 0.65),
		},
		{
			title: "Observed churn", description: "Share of those eligible one horizon before the snapshot who have churned since: what happened, not what was predicted.",
			unit: units.PercentUnit, decimals: 1, query: of("churn_rate"), steps: rising(0.35, 0.65),
		},
		{
			title: "Revenue at risk", description: "Sum of probability of churn times expected spend within the horizon, in the configured currency.",
			unit: units.Short, query: of("revenue_at_risk"), steps: neutral(),
		},
		{
			title: "Satisfaction", description: "Mean satisfaction index, 0 to 100.",
			unit: noUnit, decimals: 1, query: of("satisfaction_index"), steps: falling(50, 65),
		},
		{
			title: "NPS", description: "Net promoter score of the answers of the 90 days before the snapshot, -100 to 100.",
			unit: noUnit, query: of("nps"), steps: falling(0, 30),
		},
		{
			title: "Customers", description: "Customers of the published snapshot.",
			unit: units.Short, query: of("customers"), steps: neutral(),
		},
	}
	for i := range all {
		all[i].legend = "{{cohort}}"
		all[i].link = &link{"Its causes", "causes", "&${dimension:queryparam}&var-cohort=${__field.labels.cohort}"}
	}
	return all
}
