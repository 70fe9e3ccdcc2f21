package main

import (
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// quality is the dashboard of whether the model's figures can be trusted.
func quality() board {
	return board{
		name: "model", title: "model", from: "now-90d",
		description: "Can the probabilities be trusted? How the model did on data it had not seen, against naive rankings, how its forecasts turned out, whether its inputs have moved, and what the data's gates say.",
		sections: []section{
			{"On later data than it was trained on", slices.Concat(each(number, 4, 5, tested()...), each(bars, 12, 7, rankings()), each(lines, 12, 7, aucOverTime()))},
			{"How forecasts turned out", slices.Concat(each(bars, 12, 9, realisedPanel()), []panel{realisedTable()})},
			{"What it is fed", slices.Concat(each(bars, 12, 10, shifts()), []panel{gates()})},
			{"Which model, and whom it scores", append([]panel{which()}, each(bars, 10, 6, scored())...)},
		},
	}
}

func tested() []panel {
	tested := here(`split="out_of_time"`)
	all := []panel{
		{
			title: "ROC-AUC", description: "How well the active model ranks: 0.5 is guessing, 1 is perfect.",
			unit: noUnit, decimals: 3, query: "churnwatch_model_auc" + tested, steps: falling(0.6, 0.7), bounds: &bounds{0.5, 1},
		},
		{
			title: "Brier score", description: "Mean squared distance of predicted probability and outcome: 0 is perfect, 0.25 is a coin.",
			unit: noUnit, decimals: 3, query: "churnwatch_model_brier" + tested, steps: rising(0.2, 0.25), bounds: &bounds{0, 1},
		},
		{
			title: "Calibration error", description: "Mean distance of predicted and observed churn rate in 10 bins of equal size.",
			unit: units.PercentUnit, decimals: 1, query: "churnwatch_model_calibration_error" + tested, steps: rising(0.05, 0.1), bounds: &bounds{0, 1},
		},
		{
			title: "Calibration slope", description: "Slope of what happened on what was said, in log-odds: 1 is right, below 1 the probabilities are too extreme.",
			unit: noUnit, decimals: 2, query: "churnwatch_model_calibration_slope" + tested,
			steps: steps("red", step{0.6, "orange"}, step{0.8, "green"}, step{1.25, "orange"}, step{1.6, "red"}),
		},
		{
			title: "Drift warns ahead", description: "Median time from the first alarm of drift to churn, of those who churned and were warned of.",
			unit: units.Seconds, query: "churnwatch_model_lead_time_seconds" + here(), steps: falling(7*day, 14*day),
		},
		{
			title: "Model's age", description: "Time since the active model was trained.",
			unit: units.Seconds, query: "churnwatch_model_age_seconds" + here(), steps: rising(60*day, 120*day),
		},
	}
	for i := range all {
		all[i].legend = "model {{model}}"
	}
	return all
}

func rankings() panel {
	return panel{
		title: "Against naive rankings", description: "Area under the ROC curve of the model and of rankings that need none, at the same test cutoffs: the model must beat them to be activated.",
		unit: noUnit, decimals: 3, query: "churnwatch_model_auc" + here(`split="out_of_time"`), legend: "model {{model}}",
		more: []target{{"sort_desc(churnwatch_model_baseline_auc" + here() + ")", "{{baseline}}"}}, steps: falling(0.6, 0.7), bounds: &bounds{0.5, 1},
	}
}

func aucOverTime() panel {
	return panel{
		title: "ROC-AUC of the active model", description: "A step is another model.",
		unit: noUnit, decimals: 3, query: "churnwatch_model_auc" + here(), legend: "model {{model}}", steps: falling(0.6, 0.7),
	}
}

func realisedTable() panel {
	of := func(name string) string { return "max by (group) (churnwatch_realised_" + name + here() + ")" }
	return tableOf(
		panel{
			title: "The newest forecast", legend: "{{group}}", width: 12, height: 9, empty: "no forecast's horizon has passed yet",
			description: "What was said, what happened with its 95 % interval, and how well it ranked, of everyone and of groups as large as the minimum cell.",
		},
		column{"Said", of("churn_said"), units.PercentUnit, 1, neutral()},
		column{"Happened", of("churn_rate"), units.PercentUnit, 1, neutral()},
		column{"Low", of("churn_rate_low"), units.PercentUnit, 1, neutral()},
		column{"High", of("churn_rate_high"), units.PercentUnit, 1, neutral()},
		column{"ROC-AUC", of("auc"), noUnit, 3, falling(0.6, 0.7)},
	)
}

func shifts() panel {
	return panel{
		title: "Inputs that have moved", description: "Population stability index of a feature now against what the model was trained on. `churnwatch check` compares it with how far features usually move.",
		unit: noUnit, decimals: 2, query: "topk(15, churnwatch_model_input_shift" + here() + ")", legend: "{{feature}}", steps: rising(0.1, 0.25),
	}
}

func gates() panel {
	return panel{
		kind: matrix, title: "Gates of the data", width: 12, height: 10, legend: "{{gate}}: {{status}}", down: "gate", across: "status",
		description: "How many checks of each kind have which status. Yellow: use with care; red: not to be trained on. `churnwatch check` says why.",
		unit:        units.Short, query: "sum by (gate, status) (churnwatch_data_gate" + here() + ")", steps: neutral(),
	}
}

func which() panel {
	return tableOf(
		panel{
			title: "Model in use", legend: "{{model}}", width: 14, height: 6,
			description: "The active model's churn definition, horizon, verdict and the version of churnwatch that made it.",
		},
		column{"In use", "max by (model, definition, horizon_days, verdict, version) (churnwatch_model_info" + here() + ")", noUnit, 0, neutral()},
	)
}

func scored() panel {
	return panel{
		title: "Customers by status", description: "Scored (ok), those of whom too little is known for a probability (insufficient_evidence), and those who are no customers as the churn definition means it (not_eligible).",
		unit: units.Short, query: "sum by (status) (churnwatch_customers" + here() + ")", legend: "{{status}}", steps: neutral(),
	}
}
