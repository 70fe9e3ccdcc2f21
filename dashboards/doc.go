// Package dashboards holds what a monitoring system shows and warns of:
// Grafana dashboards as generated JSON, Prometheus rules, and a runbook for each
// alert.
//
// The dashboards are written in Go, in generate; `go generate` makes the JSON
// that is embedded here. Import it in Grafana, or provision it from a folder
// that `churnwatch dashboards export DIR` has written. The rules are tested by
// promtool, in rules/tests.
package dashboards

//go:generate go run ./generate json
