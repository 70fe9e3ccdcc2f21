// Package dashboards holds what a monitoring system shows and warns of:
// Grafana dashboards as generated JSON, and Prometheus rules.
//
// The dashboards are written in Go, in generate; `go generate` makes the JSON
// that is embedded here. Import it in Grafana, or provision it from a folder
// that `churnwatch dashboards export DIR` has written.
package dashboards

//go:generate go run ./generate json
