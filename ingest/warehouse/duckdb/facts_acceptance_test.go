//go:build acceptance

package duckdb_test

import "testing"

// TestDuckDBKeepsTheContractOfFactsAtLength takes about eight minutes on
// two cores: each property about facts on 40 random shops.
func TestDuckDBKeepsTheContractOfFactsAtLength(t *testing.T) { factEngine(40).Run(t) }
