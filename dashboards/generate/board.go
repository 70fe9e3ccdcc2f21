package main

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// tag is on every dashboard, so that each links to all.
const tag = "churnwatch"

// board is one dashboard as data. It tells one story, section by section.
type board struct {
	// name is the last part of its uid and of its file's name.
	name, title, description string
	sections                 []section
	// variables are what a reader may choose beside the server.
	variables []*dashboard.QueryVariableBuilder
	// from is the start of the time that is shown at first.
	from string
}

// section is a row of panels.
type section struct {
	title  string
	panels []panel
}

// boards are all dashboards, in the order in which they are read.
func boards() []board {
	return []board{executive(), cohorts(), satisfaction(), causes(), programme(), quality(), operations()}
}

func uid(name string) string { return "churnwatch-" + name }

// build makes the dashboard.
func (b board) build() *dashboard.DashboardBuilder {
	out := dashboard.NewDashboardBuilder("churnwatch: "+b.title).
		Uid(uid(b.name)).Description(b.description).Tags([]string{tag}).
		Timezone("utc").Time(b.from, "now").Refresh("5m").Readonly().
		Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Links(links()).WithVariable(sources())
	for _, v := range append(servers(), b.variables...) {
		out = out.WithVariable(v)
	}
	out = out.WithVariable(page())
	id := uint32(0)
	for _, s := range b.sections {
		id++
		out = out.WithRow(dashboard.NewRowBuilder(s.title).Id(id))
		for _, p := range s.panels {
			id++
			out = out.WithPanel(p.build(id))
		}
	}
	return out
}

// links lead to the other dashboards, and to churnwatch itself.
func links() []cog.Builder[dashboard.DashboardLink] {
	elsewhere := func(title, tooltip, path string) cog.Builder[dashboard.DashboardLink] {
		return dashboard.NewDashboardLinkBuilder(title).Type(dashboard.DashboardLinkTypeLink).Icon("external link").
			Tooltip(tooltip).Url("${page}" + path).TargetBlank(true)
	}
	return []cog.Builder[dashboard.DashboardLink]{
		dashboard.NewDashboardLinkBuilder("Dashboards").Type(dashboard.DashboardLinkTypeDashboards).Tags([]string{tag}).
			AsDropdown(true).IncludeVars(true).KeepTime(true).Icon("dashboard").Tooltip("The other dashboards, with the same choices."),
		elsewhere("Page", "Who is at risk, by name, and what to do.", "/"),
		elsewhere("API", "How to ask for the same by REST.", "/docs"),
	}
}

// sources lets a reader choose among several Prometheus servers.
func sources() *dashboard.DatasourceVariableBuilder {
	return dashboard.NewDatasourceVariableBuilder("datasource").Label("Data source").
		Description("The Prometheus that scrapes churnwatch.").Type("prometheus")
}

// servers let a reader choose among several servers of churnwatch.
func servers() []*dashboard.QueryVariableBuilder {
	return []*dashboard.QueryVariableBuilder{
		several(chosenFrom("job", "Job", "The scrape job.", "churnwatch_build_info")),
		several(chosenFrom("instance", "Server", "The churnwatch server.", `churnwatch_build_info{job=~"$job"}`)),
	}
}

// page is where links lead. Only the reader's browser needs to reach it.
func page() *dashboard.TextBoxVariableBuilder {
	address := "http://127.0.0.1:8080"
	return dashboard.NewTextBoxVariableBuilder("page").Label("Page").
		Description("Where your browser finds churnwatch, for the links.").DefaultValue(dashboard.StringOrMap{String: &address})
}

// chosenFrom is a variable over the values that a label has.
func chosenFrom(label, title, description, of string) *dashboard.QueryVariableBuilder {
	text := "label_values(" + of + ", " + label + ")"
	return dashboard.NewQueryVariableBuilder(label).Label(title).Description(description).Datasource(source()).
		Query(dashboard.StringOrMap{String: &text}).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Sort(dashboard.VariableSortAlphabeticalAsc)
}

// several lets a reader choose several values, all at first.
func several(v *dashboard.QueryVariableBuilder) *dashboard.QueryVariableBuilder {
	return v.Multi(true).IncludeAll(true).AllValue(".+").Current(dashboard.VariableOption{
		Selected: new(true),
		Text:     dashboard.StringOrArrayOfString{ArrayOfString: []string{"All"}},
		Value:    dashboard.StringOrArrayOfString{ArrayOfString: []string{"$__all"}},
	})
}

// cohortVariables choose a dimension and its cohorts.
func cohortVariables() []*dashboard.QueryVariableBuilder {
	return []*dashboard.QueryVariableBuilder{
		chosenFrom("dimension", "By", "The profile column by which customers are divided.", "churnwatch_cohort_customers"+here()),
		several(chosenFrom("cohort", "Cohorts", "The cohorts that are shown.", "churnwatch_cohort_customers"+here(`dimension="$dimension"`))),
	}
}

// here restricts a metric to the servers that a reader has picked, and to more.
func here(more ...string) string {
	return "{" + strings.Join(append([]string{`job=~"$job"`, `instance=~"$instance"`}, more...), ", ") + "}"
}

// chosen restricts to the cohorts that a reader has picked too.
func chosen() string { return here(`dimension="$dimension"`, `cohort=~"$cohort"`) }
