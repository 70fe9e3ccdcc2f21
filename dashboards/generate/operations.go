package main

import (
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/units"
)

const noCalls = "no calls yet"

// operations is the dashboard of whoever runs the server.
func operations() board {
	return board{
		name: "operations", title: "operations", from: "now-6h",
		description: "Does the server answer, fast and without faults; do data come in; do jobs end well; and does it stay within its bounds?",
		sections: []section{
			{"Is it well?", each(number, 4, 4, well()...)},
			{"Requests", each(lines, 8, 8, requests()...)},
			{"Jobs", each(lines, 12, 8, jobs()...)},
			{"Webhooks", slices.Concat(each(lines, 8, 8, deliveries()), each(bars, 5, 8, receivers()...), each(lines, 6, 8, longest()))},
			{"Data", slices.Concat(each(bars, 8, 8, data()...), each(lines, 8, 8, rowsRead()))},
			{"Bounds", slices.Concat(each(lines, 12, 8, store()...), each(bars, 12, 8, folded()...))},
		},
	}
}

func well() []panel {
	return []panel{
		{
			title: "Version", description: "The running version.", legend: "{{version}}",
			unit: noUnit, query: "count by (version) (churnwatch_build_info" + here() + ")", steps: neutral(), empty: "no server is scraped",
		},
		{
			title: "Share of faults", description: "Requests that were answered with a fault of the server, of all.",
			unit: units.PercentUnit, decimals: 2, steps: rising(0.001, 0.01), empty: noCalls,
			query: "(sum(rate(churnwatch_http_requests_total" + here(`code=~"5.."`) + "[$__rate_interval])) or vector(0)) / sum(rate(churnwatch_http_requests_total" + here() + "[$__rate_interval]))",
		},
		{
			title: "Being answered now", description: "HTTP requests that are being answered.",
			unit: units.Short, query: "sum(churnwatch_http_requests_in_flight" + here() + ")", steps: rising(50, 200),
		},
		{
			title: "Scores are from", description: "Time since the scores were published.",
			unit: units.Seconds, query: "max(churnwatch_snapshot_age_seconds" + here() + ")", steps: rising(2*day, 7*day),
		},
		{
			title: "Oldest figures", description: "Time since the oldest figures of /metrics were read. Totals are read when data come in or scores are made, so that they age where nothing happens.",
			unit: units.Seconds, query: "max(churnwatch_figures_age_seconds" + here() + ")", steps: rising(2*day, 7*day),
		},
		{
			title: "Failed jobs", description: "Imports, trainings, scorings and runs of the playbooks that failed within the time shown.",
			unit: units.Short, steps: rising(1, 3),
			query: "sum(increase(churnwatch_job_duration_seconds_count" + here(`status="failed"`) + "[$__range])) or vector(0)",
		},
	}
}

func requests() []panel {
	rate := func(metric string, more ...string) string {
		return "(rate(churnwatch_" + metric + here(more...) + "[$__rate_interval]))"
	}
	return []panel{
		{
			title: "REST: requests", description: "Requests a second, by route.",
			unit: units.RequestsPerSecond, decimals: 2, query: "sum by (route)" + rate("http_requests_total"), legend: "{{route}}", steps: neutral(), empty: noCalls,
		},
		{
			title: "REST: not answered well", description: "Requests a second with a status of 400 or more: 4xx is the caller's fault, 5xx the server's.",
			unit: units.RequestsPerSecond, decimals: 2, query: "sum by (code)" + rate("http_requests_total", `code=~"[45].."`), legend: "{{code}}", steps: neutral(), empty: "none",
		},
		{
			title: "REST: how long", description: "95 of 100 requests of a route were answered within this time.",
			unit: units.Seconds, decimals: 3, query: "histogram_quantile(0.95, sum by (le, route)" + rate("http_request_duration_seconds_bucket") + ")", legend: "{{route}}", steps: rising(0.5, 2), empty: noCalls,
		},
		{
			title: "gRPC: calls", description: "Calls a second that were begun, by method; REST goes through the same.",
			unit: units.RequestsPerSecond, decimals: 2, query: "sum by (grpc_method)" + rate("grpc_server_started_total"), legend: "{{grpc_method}}", steps: neutral(), empty: noCalls,
		},
		{
			title: "gRPC: ended", description: "Calls a second that ended, by code.",
			unit: units.RequestsPerSecond, decimals: 2, query: "sum by (grpc_code)" + rate("grpc_server_handled_total"), legend: "{{grpc_code}}", steps: neutral(), empty: noCalls,
		},
		{
			title: "gRPC: how long", description: "95 of 100 calls of a method ended within this time.",
			unit: units.Seconds, decimals: 3, query: "histogram_quantile(0.95, sum by (le, grpc_method)" + rate("grpc_server_handling_seconds_bucket") + ")", legend: "{{grpc_method}}", steps: rising(0.5, 2), empty: noCalls,
		},
	}
}

func jobs() []panel {
	grown := func(part, by string) string {
		return "sum by (" + by + ") (increase(churnwatch_job_duration_seconds_" + part + here() + "[1h]))"
	}
	return []panel{
		{
			title: "How long jobs took", description: "Mean time of the imports, trainings, scorings and runs of the playbooks that ended within the hour before.",
			unit: units.Seconds, decimals: 1, legend: "{{task}}", steps: neutral(), empty: "no job has run in this time",
			query: grown("sum", "task") + " / (" + grown("count", "task") + " > 0)",
		},
		{
			title: "Jobs in the hour before", description: "Jobs that ended within the hour before, by how they ended.",
			unit: units.Short, legend: "{{task}}: {{status}}", steps: neutral(), empty: "no job has run in this time",
			query: grown("count", "task, status"),
		},
	}
}

func deliveries() panel {
	return panel{
		title: "Deliveries", description: "Calls of receivers a second, by how they ended; delivered is well.",
		unit: units.RequestsPerSecond, decimals: 2, legend: "{{result}}", steps: neutral(), empty: "no receiver was called",
		query: "sum by (result) (rate(churnwatch_webhook_deliveries_total" + here() + "[$__rate_interval])) > 0",
	}
}

func receivers() []panel {
	return []panel{
		{
			title: "Receivers", description: "Receivers of changes: active ones, those whose last call failed, and disabled ones, which are sent nothing. `churnwatch webhooks list` names them.",
			unit: units.Short, query: "sum by (state) (churnwatch_webhook_receivers" + here() + ")", legend: "{{state}}", steps: neutral(),
		},
		{
			title: "Not delivered", description: "Changes that active receivers have yet to be told of (backlog, at most), events that are tried again (waiting) and those that were given up (dead).",
			unit: units.Short, query: "sum by (state) (churnwatch_webhook_undelivered" + here() + ")", legend: "{{state}}", steps: neutral(),
			more: []target{{"sum(churnwatch_webhook_backlog" + here() + ")", "backlog"}},
		},
	}
}

func longest() panel {
	return panel{
		title: "Longest waits", description: "Time since when an active receiver waits for an event, of the longest; 0 where all were told of everything.",
		unit: units.Seconds, query: "max by (instance) (churnwatch_webhook_oldest_undelivered_seconds" + here() + ")", legend: "{{instance}}", steps: rising(60, 3600),
	}
}

func data() []panel {
	return []panel{
		{
			title: "Newest fact", description: "Time since the newest fact of each kind occurred. Past freshness.max_age scores are as of the data, not of today.",
			unit: units.Seconds, query: "sort_desc(max by (kind) (churnwatch_data_age_seconds" + here() + "))", legend: "{{kind}}", steps: rising(3*day, 7*day),
		},
		{
			title: "Share refused", description: "Of all rows that were ever read of a kind, those in quarantine; `churnwatch quarantine list` says why.",
			unit: units.PercentUnit, decimals: 2, legend: "{{kind}}", steps: rising(0.01, 0.05),
			query: "sum by (kind) (churnwatch_quarantined_rows_total" + here() + ") / on (kind) sum by (kind) (churnwatch_ingest_rows_total" + here() + ")",
		},
	}
}

func rowsRead() panel {
	return panel{
		title: "Rows read", description: "Rows a second that imports read, refused ones included, by kind.",
		unit: units.Short, decimals: 1, query: "sum by (kind) (rate(churnwatch_ingest_rows_total" + here() + "[$__rate_interval]))", legend: "{{kind}}", steps: neutral(),
	}
}

func store() []panel {
	return []panel{
		{
			title: "Database file", description: "Size of the database file, room to be reused included. `churnwatch backup` writes it without that room.",
			unit: units.BytesIEC, query: "max by (instance) (churnwatch_database_size_bytes" + here() + ")", legend: "{{instance}}", steps: neutral(),
		},
		{
			title: "Memory", description: "Memory that the database manages (at most database.memory_limit), and all that the process holds.",
			unit: units.BytesIEC, query: "max by (instance) (churnwatch_database_memory_bytes" + here() + ")", legend: "{{instance}}: database", steps: neutral(),
			more: []target{{"max by (instance) (process_resident_memory_bytes" + here() + ")", "{{instance}}: process"}},
		},
	}
}

func folded() []panel {
	return []panel{
		{
			title: "Not shown by themselves", description: "Values of a label beyond those that are kept apart: they count in other, or where nothing can be added up are left out. cohorts.max_per_dimension and cohorts.retention_months set how many cohorts and months are kept.",
			unit: units.Short, query: "sort_desc(sum by (label, within) (churnwatch_folded_label_values" + here() + "))", legend: "{{label}} {{within}}", steps: rising(1, 1000),
		},
		{
			title: "Cohorts too small to be shown", description: "Cohorts with fewer customers than the minimum cell (cohorts.minimum_cell): of these the number of customers alone is shown.",
			unit: units.Short, query: "max by (dimension) (churnwatch_small_cohorts" + here() + ")", legend: "{{dimension}}", steps: rising(1, 20),
		},
	}
}
