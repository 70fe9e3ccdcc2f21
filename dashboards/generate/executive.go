package main

import (
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// executive is for whoever asks how bad it is, why, and what is done about it.
func executive() board {
	return board{
		name: "executive", title: "executive", from: "now-30d",
		description: "How many customers and how much revenue are at risk, where it is going, what drives it, what was done and what that returned, and targets against actuals.",
		sections: []section{
			{"At risk now", each(number, 4, 4, atRiskNow()...)},
			{"Where it is going", each(lines, 12, 8, whereTo()...)},
			{"What drives it", each(bars, 8, 9, drivers()...)},
			{"What was done, and what it returned", whatWasDone()},
			{"Targets against actuals", []panel{targets()}},
		},
	}
}

func atRiskNow() []panel {
	return []panel{
		{
			title: "Customers at high risk", description: "Scored customers in the highest band of probability of churn. The page lists them by name.",
			unit: units.Short, query: "sum(churnwatch_risk_band_customers" + here(`band="high"`) + ")", steps: neutral(),
		},
		{
			title: "Share at high risk", description: "Of all scored customers, those in the highest band.",
			unit: units.PercentUnit, decimals: 1, steps: rising(0.2, 0.4),
			query: "sum(churnwatch_risk_band_customers" + here(`band="high"`) + ") / sum(churnwatch_risk_band_customers" + here() + ")",
		},
		{
			title: "Revenue at risk", description: "Sum over all scored customers of probability of churn times expected spend within the horizon, in the configured currency.",
			unit: units.Short, query: "sum(churnwatch_revenue_at_risk" + here() + ")", steps: neutral(),
		},
		{
			title: "Mean churn risk", description: "Mean probability of churn within the horizon over all scored customers.",
			unit: units.PercentUnit, decimals: 1, query: "avg(churnwatch_churn_risk" + here() + ")", steps: rising(0.35, 0.65),
		},
		{
			title: "Drifting customers", description: "Customers whose orders or satisfaction have been below expectation in both of the last two cycles.",
			unit: units.Short, query: "sum(churnwatch_drift_customers" + here(`state="drifting"`) + ")", steps: neutral(),
			link: &link{"How drift moves", "satisfaction", ""},
		},
		{
			title: "Overdue", description: "Triggers past their due time on which nobody has acted.",
			unit: units.Short, query: "sum(churnwatch_trigger_overdue" + here() + ")", steps: rising(1, 20), empty: "no triggers yet: run the playbooks",
			link: &link{"Who is to act", "programme", ""},
		},
	}
}

func whereTo() []panel {
	return []panel{
		{
			title: "Revenue at risk", description: "The sum of all scored customers with its interval, in the configured currency. A step is a new scoring.",
			unit: units.Short, query: "sum(churnwatch_revenue_at_risk" + here() + ")", legend: "at risk", steps: neutral(),
			more: []target{
				{"sum(churnwatch_revenue_at_risk_low" + here() + ")", "low"},
				{"sum(churnwatch_revenue_at_risk_high" + here() + ")", "high"},
			},
		},
		{
			title: "Customers by risk", description: "Scored customers by band of their probability of churn.",
			unit: units.Short, query: "sum by (band) (churnwatch_risk_band_customers" + here() + ")", legend: "{{band}}", steps: neutral(),
		},
	}
}

func drivers() []panel {
	return []panel{
		{
			title: "Churn that goes with a pain point", description: "Share of churn that goes with these incidents, all else as it is: an association, no proof of a cause.",
			unit: units.PercentUnit, decimals: 1, query: "sort_desc(max by (painpoint) (churnwatch_painpoint_churn_share" + here() + "))", legend: "{{painpoint}}",
			steps: rising(0.05, 0.15), link: &link{"Causes", "causes", ""},
		},
		{
			title: "Revenue that systemic issues touched", description: "Revenue of the orders that the incidents of a hotspot touched, in the configured currency.",
			unit: units.Short, query: "topk(10, churnwatch_hotspot_revenue" + here() + ")", legend: "{{painpoint}}: {{dimension}} {{cohort}}", steps: neutral(),
			empty: "no systemic issue stands out", link: &link{"Causes", "causes", ""},
		},
		{
			title: "Cohorts with most revenue at risk", description: "Over all dimensions; a customer is in one cohort of each.",
			unit: units.Short, query: "topk(10, churnwatch_cohort_revenue_at_risk" + here() + ")", legend: "{{dimension}} {{cohort}}", steps: neutral(),
			link: &link{"Cohorts", "cohorts", "&var-dimension=${__field.labels.dimension}&var-cohort=${__field.labels.cohort}"},
		},
	}
}

func whatWasDone() []panel {
	return slices.Concat(
		each(bars, 8, 8, panel{
			title: "Triggers in this time", description: "Triggers that came to the status within the time shown: opened, taken on, done, expired, or held back by a guardrail.",
			unit: units.Short, query: "sum by (status) (increase(churnwatch_triggers_total" + here() + "[$__range]))", legend: "{{status}}", steps: neutral(),
			empty: "no triggers yet: run the playbooks",
		}),
		each(bars, 8, 8, realisedPanel(), panel{
			title: "What experiments have shown", description: "Uplift of the deciding measure against the arm it is compared with. Whether it is proven, the programme's dashboard says.",
			unit: units.PercentUnit, decimals: 1, query: "sort_desc(churnwatch_experiment_uplift" + here() + ")", legend: "{{experiment}}: {{variant}}",
			steps: steps("red", step{0, "green"}), empty: noExperiment, link: &link{"Experiments", "programme", ""},
		}),
	)
}

const noExperiment = "no experiment has enough customers yet"

// realisedPanel compares what was said with what happened.
func realisedPanel() panel {
	return panel{
		title:       "Said, and happened",
		description: "The newest forecast whose horizon has passed: mean probability said, and the share that has churned since, of everyone, those sent a retention message and those who were not, and the holdout.",
		unit:        units.PercentUnit, decimals: 1, query: "max by (group) (churnwatch_realised_churn_said" + here() + ")", legend: "{{group}}: said",
		more:  []target{{"max by (group) (churnwatch_realised_churn_rate" + here() + ")", "{{group}}: happened"}},
		steps: neutral(), empty: "no forecast's horizon has passed yet",
	}
}

// targets is the table of what was to be reached.
func targets() panel {
	p := panel{
		title:       "Targets",
		description: "What was measured over the customers whose window closed in the period before the snapshot, its 95 % interval, and the goal. Shares of 0 to 1; resurvey_change in points.",
		legend:      "{{target}}", width: 24, height: 8, empty: "no customer's window has closed yet",
	}
	of := func(name string) string { return "max by (target) (churnwatch_target_" + name + here() + ")" }
	return tableOf(p,
		column{"Goal", of("goal"), noUnit, 2, neutral()},
		column{"Measured", of("value"), noUnit, 2, neutral()},
		column{"Low", of("value_low"), noUnit, 2, neutral()},
		column{"High", of("value_high"), noUnit, 2, neutral()},
		column{"Measured minus goal", of("value") + " - " + of("goal"), noUnit, 2, steps("red", step{0, "green"})},
	)
}
