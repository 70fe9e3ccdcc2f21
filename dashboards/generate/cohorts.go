package main

import (
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

const (
	// chosen restricts to the cohorts that a reader has picked.
	chosen = `{instance="$instance", dimension="$dimension", cohort=~"$cohort"}`
	// here restricts to the server that a reader has picked.
	here = `{instance="$instance"}`
)

// cohorts is the dashboard of who is about to leave, by cohort.
func cohorts() *dashboard.DashboardBuilder {
	b := dashboard.NewDashboardBuilder("churnwatch: cohorts").
		Uid("churnwatch-cohorts").
		Description("Who is about to leave, how much is at stake and what hurts, by cohort; and whether the figures can be trusted.").
		Tags([]string{"churnwatch"}).
		Timezone("utc").WithVariable(sources()).Time("now-30d", "now").Refresh("5m").Readonly().
		Tooltip(dashboard.DashboardCursorSyncCrosshair)
	for _, v := range variables() {
		b = b.WithVariable(v)
	}
	id := uint32(0)
	for _, section := range []struct {
		title  string
		panels []panel
	}{
		{"Now", overview()},
		{"By cohort", byCohort()},
		{"What hurts", pain()},
		{"Can the figures be trusted?", trust()},
	} {
		id++
		b = b.WithRow(dashboard.NewRowBuilder(section.title).Id(id))
		for _, p := range section.panels {
			id++
			b = b.WithPanel(p.build(id))
		}
	}
	return b
}

// overview is the first line: the chosen cohorts together.
func overview() []panel {
	weighted := func(figure string) string {
		return "sum(churnwatch_cohort_" + figure + chosen + " * churnwatch_cohort_customers" + chosen +
			") / sum(churnwatch_cohort_customers" + chosen + " and churnwatch_cohort_" + figure + chosen + ")"
	}
	all := []panel{
		{
			title: "Customers", description: "Customers of the published snapshot in the chosen cohorts.",
			unit: units.Short, query: "sum(churnwatch_cohort_customers" + chosen + ")", steps: neutral(),
		},
		{
			title: "Mean churn risk", description: "Mean probability of churn within the horizon, cohorts weighted by their customers.",
			unit: units.PercentUnit, decimals: 1, query: weighted("churn_risk"), steps: rising(0.35, 0.65),
		},
		{
			title: "Revenue at risk", description: "Sum of probability of churn times expected spend within the horizon, in the configured currency.",
			unit: units.Short, query: "sum(churnwatch_cohort_revenue_at_risk" + chosen + ")", steps: neutral(),
		},
		{
			title: "Satisfaction", description: "Mean satisfaction index, 0 to 100, cohorts weighted by their customers.",
			unit: noUnit, decimals: 1, query: weighted("satisfaction_index"), steps: falling(50, 65),
		},
		{
			title: "Drifting", description: "Customers whose orders or satisfaction have declined over the last two cycles.",
			unit: units.Short, query: "sum(churnwatch_cohort_drifting_customers" + chosen + ")", steps: neutral(),
		},
		{
			title: "Scores are from", description: "Time since the scores were published.",
			unit: units.Seconds, query: "churnwatch_snapshot_age_seconds" + here, steps: rising(2*day, 7*day),
		},
	}
	for i := range all {
		all[i].kind, all[i].legend, all[i].width, all[i].height = number, all[i].title, 4, 4
	}
	return all
}

// byCohort has one line a cohort.
func byCohort() []panel {
	of := func(name string) string { return "churnwatch_cohort_" + name + chosen }
	all := []panel{
		{
			title: "Mean churn risk", description: "Mean probability of churn within the horizon. Cohorts below the minimum cell show their size alone.",
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
			title: "Drifting customers", description: "Customers whose orders or satisfaction have declined over the last two cycles.",
			unit: units.Short, query: of("drifting_customers"), steps: neutral(),
		},
		{
			title: "Customers", description: "Customers of the published snapshot.",
			unit: units.Short, query: of("customers"), steps: neutral(),
		},
		{
			title: "Orders in 30 days", description: "Orders of the 30 days before the snapshot.",
			unit: units.Short, query: of("orders_30d"), steps: neutral(),
		},
		{
			title: "Revenue in 30 days", description: "Revenue of the 30 days before the snapshot, in the configured currency.",
			unit: units.Short, query: of("revenue_30d"), steps: neutral(),
		},
	}
	for i := range all {
		all[i].kind, all[i].legend, all[i].width, all[i].height = lines, "{{cohort}}", 8, 8
	}
	return all
}

func pain() []panel {
	all := []panel{
		{
			title: "Risk bands", description: "Scored customers by band of their probability of churn.",
			unit: units.Short, query: "churnwatch_risk_band_customers" + here, legend: "{{band}}", steps: neutral(),
		},
		{
			title: "What one incident costs", description: "Points of satisfaction (0 to 100) per incident at its mean severity, all pain points fitted together; `churnwatch painpoints` prints the errors.",
			unit: noUnit, decimals: 1, query: "sort(churnwatch_painpoint_weight" + here + ")", legend: "{{painpoint}}",
			steps: steps("red", step{-10, "orange"}, step{0, "green"}),
		},
		{
			title: "Incidents in 30 days", description: "Incidents of the 30 days before the snapshot.",
			unit: units.Short, query: "sort_desc(churnwatch_painpoint_incidents_30d" + here + ")", legend: "{{painpoint}}", steps: neutral(),
		},
		{
			title: "Customers affected", description: "Customers with an incident in the 30 days before the snapshot.",
			unit: units.Short, query: "sort_desc(churnwatch_painpoint_affected_customers" + here + ")", legend: "{{painpoint}}", steps: neutral(),
		},
	}
	for i := range all {
		all[i].kind, all[i].width, all[i].height = bars, 6, 9
	}
	return all
}

// trust shows the model's quality and the data's.
func trust() []panel {
	model := []panel{
		{
			title: "ROC-AUC", description: "How well the active model ranks, on later data than it was trained on: 0.5 is guessing, 1 is perfect.",
			unit: noUnit, decimals: 3, query: "churnwatch_model_auc" + here, steps: falling(0.6, 0.7), bounds: &bounds{0.5, 1},
		},
		{
			title: "Brier score", description: "Mean squared distance of predicted probability and outcome, on later data: 0 is perfect, 0.25 is a coin.",
			unit: noUnit, decimals: 3, query: "churnwatch_model_brier" + here, steps: rising(0.2, 0.25), bounds: &bounds{0, 1},
		},
		{
			title: "Calibration error", description: "Mean distance of predicted and observed churn rate in 10 bins of equal size.",
			unit: units.PercentUnit, decimals: 1, query: "churnwatch_model_calibration_error" + here, steps: rising(0.05, 0.1), bounds: &bounds{0, 1},
		},
		{
			title: "Model's age", description: "Time since the active model was trained.",
			unit: units.Seconds, query: "churnwatch_model_age_seconds" + here, steps: rising(60*day, 120*day),
		},
	}
	for i := range model {
		model[i].kind, model[i].legend, model[i].width, model[i].height = number, "model {{model}}", 6, 5
	}
	data := []panel{
		{
			title: "Newest fact", description: "Time since the newest fact of each kind occurred. Past freshness.max_age scores are as of the data, not of today.",
			unit: units.Seconds, query: "sort_desc(churnwatch_data_age_seconds" + here + ")", legend: "{{kind}}", steps: rising(3*day, 7*day),
		},
		{
			title: "Rows read", description: "Rows read by all imports, refused ones included.",
			unit: units.Short, query: "sort_desc(churnwatch_ingest_rows_total" + here + ")", legend: "{{kind}}", steps: neutral(),
		},
		{
			title: "Rows in quarantine", description: "Rows that imports have refused, by kind and reason; `churnwatch quarantine list` shows them.",
			unit: units.Short, query: "sort_desc(churnwatch_quarantined_rows_total" + here + ")", legend: "{{kind}}: {{reason}}", steps: rising(1, 1000),
		},
	}
	for i := range data {
		data[i].kind, data[i].width, data[i].height = bars, 8, 8
	}
	return slices.Concat(model, data)
}

// noUnit prints a number as it is.
const noUnit = "none"

const day = 24 * 60 * 60.0

// variables are what a reader may choose.
func variables() []*dashboard.QueryVariableBuilder {
	query := func(name, label, description, of string) *dashboard.QueryVariableBuilder {
		text := "label_values(" + of + ", " + name + ")"
		return dashboard.NewQueryVariableBuilder(name).Label(label).Description(description).Datasource(source()).
			Query(dashboard.StringOrMap{String: &text}).Definition(text).
			Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Sort(dashboard.VariableSortAlphabeticalAsc)
	}
	return []*dashboard.QueryVariableBuilder{
		query("instance", "Server", "The churnwatch server.", "churnwatch_build_info"),
		query("dimension", "By", "The profile column by which customers are divided.", `churnwatch_cohort_customers{instance="$instance"}`),
		query("cohort", "Cohorts", "The cohorts that are shown.", `churnwatch_cohort_customers{instance="$instance", dimension="$dimension"}`).
			Multi(true).IncludeAll(true).AllValue(".*").Current(everything()),
	}
}

// everything is the choice of all cohorts.
func everything() dashboard.VariableOption {
	return dashboard.VariableOption{
		Selected: new(true),
		Text:     dashboard.StringOrArrayOfString{ArrayOfString: []string{"All"}},
		Value:    dashboard.StringOrArrayOfString{ArrayOfString: []string{"$__all"}},
	}
}

// sources lets a reader choose among several Prometheus servers.
func sources() *dashboard.DatasourceVariableBuilder {
	return dashboard.NewDatasourceVariableBuilder("datasource").Label("Data source").
		Description("The Prometheus that scrapes churnwatch.").Type("prometheus")
}
