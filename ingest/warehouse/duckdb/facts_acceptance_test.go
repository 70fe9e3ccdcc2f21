//go:build acceptance

package duckdb_test

import "testing"

// TestDuckDBKeepsTheContractOfFactsAtLength takes about four minutes on two
// cores: each property about facts on 100 random shops.
func TestDuckDBKeepsTheContractOfFactsAtLength(t *testing.T) { factEngine(100).Run(t) }
