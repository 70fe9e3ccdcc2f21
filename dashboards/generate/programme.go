package main

import (
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/units"
)

const noTriggers = "no triggers yet: run the playbooks"

// programme is the dashboard of whoever acts on triggers, and of what that
// reaches.
func programme() board {
	return board{
		name: "programme", title: "retention programme", from: "now-7d",
		description: "Is everybody who called for help answered in time, how far are the sequences, are the targets reached, and what do experiments prove?",
		sections: []section{
			{"Clocks", slices.Concat(each(number, 6, 4, clocks()...), each(lines, 12, 8, clocksOverTime()...))},
			{"Sequences", each(bars, 12, 10, sequences()...)},
			{"The six targets", append(each(lines, 24, 9, reached()), targets())},
			{"Experiments", []panel{experiments()}},
		},
	}
}

func clocks() []panel {
	return []panel{
		{
			title: "To be acted on", description: "Triggers that are open, acknowledged or escalated. The page's inbox lists them.",
			unit: units.Short, query: "sum(churnwatch_triggers_open" + here() + ")", steps: neutral(), empty: noTriggers,
		},
		{
			title: "Overdue", description: "Those of them past their due time.",
			unit: units.Short, query: "sum(churnwatch_trigger_overdue" + here() + ")", steps: rising(1, 20), empty: noTriggers,
		},
		{
			title: "Urgent and overdue", description: "Overdue ones of high or critical urgency: detractors who wait for an answer.",
			unit: units.Short, query: "sum(churnwatch_trigger_overdue" + here(`urgency=~"high|critical"`) + ")", steps: rising(1, 5), empty: "nothing urgent",
		},
		{
			title: "Mean time to done", description: "From the opening of a trigger until it was done, over all that are done.",
			unit: units.Seconds, steps: rising(2*day, 7*day), empty: "none is done yet",
			query: "sum(churnwatch_trigger_latency_seconds_sum" + here() + ") / sum(churnwatch_trigger_latency_seconds_count" + here() + ")",
		},
	}
}

func clocksOverTime() []panel {
	return []panel{
		{
			title: "To be acted on, by urgency", description: "Triggers that are open, acknowledged or escalated.",
			unit: units.Short, query: "sum by (urgency) (churnwatch_triggers_open" + here() + ")", legend: "{{urgency}}", steps: neutral(), empty: noTriggers,
		},
		{
			title: "Overdue, by playbook", description: "Triggers past their due time.",
			unit: units.Short, query: "sum by (playbook) (churnwatch_trigger_overdue" + here() + ")", legend: "{{playbook}}", steps: rising(1, 20), empty: noTriggers,
		},
	}
}

func sequences() []panel {
	return []panel{
		{
			title: "Now, by playbook and status", description: "Where the triggers of each playbook stand now.",
			unit: units.Short, query: "sort_desc(sum by (playbook, status) (churnwatch_triggers_open" + here() + "))", legend: "{{playbook}}: {{status}}", steps: neutral(), empty: noTriggers,
		},
		{
			title: "In this time, by status", description: "Triggers that came to the status within the time shown. Suppressed ones were held back by a guardrail; each has its reason in `churnwatch triggers list`.",
			unit: units.Short, query: "sum by (status) (increase(churnwatch_triggers_total" + here() + "[$__range]))", legend: "{{status}}", steps: neutral(), empty: noTriggers,
		},
	}
}

func reached() panel {
	return panel{
		title: "Measured minus goal", description: "What was measured of a target less its goal: above 0 it is reached. Shares of 0 to 1; resurvey_change in points.",
		unit: noUnit, decimals: 2, steps: steps("red", step{0, "green"}), legend: "{{target}}", empty: "no customer's window has closed yet",
		query: "max by (target) (churnwatch_target_value" + here() + ") - max by (target) (churnwatch_target_goal" + here() + ")",
	}
}

func experiments() panel {
	of := func(name string) string {
		return "max by (experiment, variant) (churnwatch_experiment_" + name + here() + ")"
	}
	return tableOf(
		panel{
			title: "Experiments", legend: "{{experiment}}: {{variant}}", width: 24, height: 9, empty: noExperiment,
			description: "Uplift of the deciding measure against the arm it is compared with, with an interval that may be looked at on any day: an interval on one side of 0 proves a difference.",
		},
		column{"Uplift", of("uplift"), units.PercentUnit, 1, steps("red", step{0, "green"})},
		column{"Low", of("uplift_low"), units.PercentUnit, 1, steps("blue", step{0, "green"})},
		column{"High", of("uplift_high"), units.PercentUnit, 1, steps("red", step{0, "blue"})},
		column{"Customers assigned", of("assigned_total"), units.Short, 0, neutral()},
	)
}
