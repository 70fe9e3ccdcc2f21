// Package deploy holds nothing but how churnwatch is put somewhere: an image and a
// compose file, systemd units, manifests of Kubernetes, configurations of
// Prometheus, Alertmanager and Grafana, and what they must hold as tests.
package deploy
